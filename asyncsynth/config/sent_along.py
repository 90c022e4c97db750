"""What [endpoint] says of every call beside its body: headers, a query, and a proxy on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping

from asyncsynth.config.variables import checked_text

_FIELD_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}\Z"  # RFC 9110, 5.6.2
_SPELT_OUT = r":(?!//)(?!\$\{)[^$]*\Z"
# Each says how the message is framed, or where it goes; a wrong one mixes replies up.
_OURS = frozenset(
    {"connection", "content-length", "content-type", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade"}
)


def checked_headers(given: object) -> dict[str, str]:
    """Headers by name. Raises ValueError, which shows no value."""
    if not isinstance(given, Mapping):
        raise ValueError('must be a table, like { "X-Title" = "a title" }')  # noqa: TRY004 - pydantic's
    seen: set[str] = set()
    for name in given:
        if not re.match(_FIELD_NAME, name):
            raise ValueError("has a name that no header can have")
        if name.lower() in _OURS:
            raise ValueError(f"{name} is set by every call itself")
        if name.lower() in seen:
            raise ValueError(f"{name} appears twice")
        seen.add(name.lower())
    return {name: checked_text(text, name) for name, text in given.items()}


def checked_query(given: object) -> dict[str, str]:
    """The query of every call's URL. Raises ValueError, which shows no value."""
    if not isinstance(given, Mapping):
        raise ValueError('must be a table, like { "api-version" = "2024-10-21" }')  # noqa: TRY004 - pydantic's
    return {name: checked_text(text, name) for name, text in given.items()}


def checked_proxy(given: object) -> str:
    """The URL of a proxy, whose login is in variables. Raises ValueError, which shows nothing of it."""
    text = checked_text(given, "it")
    login, at, _ = text.rpartition("@")
    if at and ("$" not in login or re.search(_SPELT_OUT, login)):
        raise ValueError('has a password in it: write "http://${USER}:${PASSWORD}@host:port", which names variables')
    return text
