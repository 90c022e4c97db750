"""JSON as endpoints send it, which is not always JSON: read by orjson, mended where that refuses it.

A reply that was paid must not be lost to half a UTF-16 pair, so what orjson refuses is read once more leniently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import orjson

INT64 = 2**63 - 1
UINT64 = 2**64 - 1
MAX_DIGITS = 20  # of what may still fit, its sign included
# A member with so many digits that it may not fit into 64 bits, which orjson would turn into a float in silence. It
# begins with a plain character, which is searched for twenty times as fast as a set of them.
_LONG_NUMBER = re.compile(rb": ?-?[0-9]{19}")


class NotJson(ValueError):
    """A body that not even the lenient reading takes."""


def read_json(body: bytes) -> tuple[Any, tuple[str, ...]]:
    """The tree of `body`, and what had to be mended.

    "invalid_utf8", "lone_surrogate", "huge_integer", "not_finite", "raw_control".

    Lone surrogates and invalid bytes become U+FFFD, integers beyond 64 bits the nearest one that fits, NaN and
    infinities null. Raises NotJson.
    """
    if _LONG_NUMBER.search(body) is None:
        try:
            return orjson.loads(body), ()
        except orjson.JSONDecodeError:
            pass
    return _read_leniently(body)


def _read_leniently(body: bytes) -> tuple[Any, tuple[str, ...]]:
    flags: list[str] = []

    def integer(digits: str) -> int:
        if len(digits) <= MAX_DIGITS and -INT64 - 1 <= (number := int(digits)) <= UINT64:
            return number
        flags.append("huge_integer")
        return -INT64 if digits.startswith("-") else INT64

    def not_finite(_: str) -> None:
        flags.append("not_finite")

    text = body.decode("utf-8-sig", "replace")
    if "\ufffd" in text and b"\xef\xbf\xbd" not in body:
        flags.append("invalid_utf8")
    try:
        tree = _without_surrogates(_loads(text, flags, integer, not_finite), flags)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
    return tree, tuple(dict.fromkeys(flags))


def _loads(text: str, flags: list[str], integer: Callable[[str], int], constant: Callable[[str], None]) -> Any:
    """What json.loads makes of it; line breaks and other controls that stand in a string as they are stay there."""
    try:
        return json.loads(text, parse_int=integer, parse_constant=constant)
    except ValueError:
        flags.clear()
        tree = json.loads(text, parse_int=integer, parse_constant=constant, strict=False)
        flags.append("raw_control")
        return tree


def _without_surrogates(tree: Any, flags: list[str]) -> Any:
    """`tree` with U+FFFD for every half of a UTF-16 pair."""
    if isinstance(tree, str):
        try:
            tree.encode()
        except UnicodeEncodeError:
            flags.append("lone_surrogate")
            return tree.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return tree
    if isinstance(tree, list):
        return [_without_surrogates(part, flags) for part in tree]
    if isinstance(tree, dict):
        return {name: _without_surrogates(part, flags) for name, part in tree.items()}
    return tree
