"""[endpoints.NAME]: endpoints beside [endpoint], each of which says only what is different there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from asyncsynth.config.sections import Endpoint, Limits, NamedEndpoint

NAME = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
# What is said of one service and would be wrong, or a secret given away, at another.
OF_A_SERVICE = frozenset({"base_url", "api", "api_key_env", "auth", "headers", "query", "plain_http", "price", "proxy"})
OF_A_MODEL = frozenset({"price"})
MERGED = ("parameters", "headers", "query")  # tables in which each entry stands for itself


def inherited(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The table of a named endpoint: its own options over those of [endpoint].

    Another provider inherits nothing that belongs to the service, and another model no price.
    """
    left: frozenset[str] = frozenset()
    if _differs("provider", base, own):
        left |= OF_A_SERVICE
    if _differs("model", base, own):
        left |= OF_A_MODEL
    table = {name: value for name, value in base.items() if name not in left}
    for name, value in own.items():
        before = table.get(name) if name in MERGED else None
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            table[name] = {**before, **value}
        else:
            table[name] = value
    return table


def limits_of(endpoint: NamedEndpoint, limits: Limits) -> Limits:
    """What of [limits] holds for this endpoint, with its own in their places."""
    own = {name: getattr(endpoint, name) for name in NamedEndpoint.LIMITS}
    return limits.model_copy(update={name: value for name, value in own.items() if value is not None})


def _differs(option: str, base: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    return option in own and own[option] != base.get(option, Endpoint.model_fields[option].default)
