"""Values <-> one line of JSON, never refusing what a model sent."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Mapping
from typing import Any

import orjson

# With OPT_NON_STR_KEYS all lines take half as long again, and hardly any has such keys: they are tried when it refuses.
_LINE = orjson.OPT_APPEND_NEWLINE


def encode(value: Mapping[str, Any]) -> bytes:
    """One line of UTF-8 JSON with its newline.

    What orjson refuses (lone surrogates, integers over 64 bits) goes through the standard library;
    a lone surrogate becomes U+FFFD.
    """
    try:
        return orjson.dumps(value, default=_plain, option=_LINE)
    except TypeError:
        return _encode_leniently(value)


def _encode_leniently(value: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(value, default=_plain, option=_LINE | orjson.OPT_NON_STR_KEYS)
    except TypeError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain) + "\n"
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def encode_strictly(value: object) -> bytes:
    """The JSON of a part of what `encode` is given; TypeError where the standard library would have to help."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def decode(line: bytes) -> dict[str, Any] | None:
    """The object of a line, or None where it is no JSON object."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if type(value) is dict else None


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def timestamp(at: float) -> str:
    """Seconds since the epoch as 2026-11-22T10:07:31Z."""
    return _timestamp(int(at))


@functools.lru_cache(maxsize=64)
def _timestamp(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
