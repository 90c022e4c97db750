"""One JSON form of a plain value, so that equal values have equal bytes in keys, indexes and fingerprints.

The form: names sorted by code point, no blanks, no escapes but those that JSON demands (so UTF-8 when encoded),
floats as Python's repr, NaN and infinities refused. `true`, `1` and `1.0` stay three different values here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any

EXACT_FLOAT_INTEGERS = 2**53  # beyond it an integral float says less than the integer it would be written as


def _as_dict(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


# The form of the module's docstring, as str. TypeError or ValueError where a value has none.
canonical = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_as_dict
).encode
canonical_text = encode_basestring  # the same of a str, in half of the time


def with_integral_floats_as_integers(value: Any) -> Any:
    """A copy in which 1.0 is 1: in TOML people write either and mean the same number."""
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_FLOAT_INTEGERS:
        return int(value)
    if isinstance(value, Mapping):
        return {name: with_integral_floats_as_integers(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [with_integral_floats_as_integers(part) for part in value]
    return value
