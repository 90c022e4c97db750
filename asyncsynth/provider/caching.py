"""Caches of prompts: what is written into them, and which parameters ask for it without changing any answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.values import Api, Price

CACHE_CONTROL = "cache_control"  # Anthropic's word for what is to be cached, and for how long


def dearest(price: Price, api: Api, parameters: Mapping[str, Any]) -> Price:
    """The price by which a call costs the most that it can: without what is written only where the request asks for it.

    Anthropic writes into its cache what has a cache_control, for five minutes or, dearer, an hour.
    """
    asked = list(_controls(parameters))
    if any(control.get("ttl") == "1h" for control in asked):
        return price
    return price.without_writes(for_an_hour_alone=bool(asked) or api != "anthropic")


def _controls(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every cache_control in a tree of parameters."""
    if isinstance(value, Mapping):
        control = value.get(CACHE_CONTROL)
        if isinstance(control, Mapping):
            yield control
        for part in value.values():
            yield from _controls(part)
    elif isinstance(value, list):
        for part in value:
            yield from _controls(part)
