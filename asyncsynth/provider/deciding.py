"""Which parameters decide what a model writes: an answer's key is made of these alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.provider.caching import CACHE_CONTROL
from asyncsynth.provider.tiers import TIER_NAMES

# How fast a call is and what it costs: the same model writes the same.
_PRICE_AND_SPEED = frozenset({
    *TIER_NAMES, CACHE_CONTROL, "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention",
})  # fmt: skip


def deciding(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without those that are a matter of price and speed."""
    return {name: value for name, value in parameters.items() if name not in _PRICE_AND_SPEED}
