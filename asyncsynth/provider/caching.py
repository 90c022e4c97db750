"""Caches of prompts: which services keep the beginning of a prompt, from how many tokens on, and what writing costs.

By the services' own pages, November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.costs import Price
from asyncsynth.values import Api

CACHE_CONTROL = "cache_control"  # Anthropic's word for what is to be cached, and for how long
# (provider, model, tokens): the first row that fits; below so many tokens nothing is cached, and nothing says so.
_LEAST_TOKENS = (
    ("openai|azure", r"", 1024),
    ("anthropic", r"(opus|fable|mythos)-5", 512),
    ("anthropic", r"opus-4-7|haiku-3|3-5-haiku|3-haiku", 2048),
    ("anthropic", r"opus-4-[56]|haiku-4-5", 4096),
    ("anthropic", r"", 1024),
    ("gemini", r"gemini-2\.5", 2048),
    ("gemini", r"", 4096),
)


def least_cached_tokens(provider: str, model: str) -> int | None:
    """From how many tokens on a service caches a beginning that prompts share; None: not known, or not at all.

    Of OpenRouter's models those of these services are known.
    """
    if provider == "openrouter":
        maker, _, model = model.partition("/")
        provider = {"google": "gemini"}.get(maker, maker)
        model = model.replace(".", "-") if provider == "anthropic" else model
    rows = (least for of, name, least in _LEAST_TOKENS if provider in of.split("|") and re.search(name, model))
    return next(rows, None)


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
