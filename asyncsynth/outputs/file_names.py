"""Readable names for files, made of a sample's values: safe on every system, and one no matter how case counts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

_LONGEST_VALUE = 40  # characters
_LONGEST = 100  # bytes of all values together; with a whole key behind them a name stays below 143, eCryptfs's limit
_DIGITS = 8  # of the key


def file_names(combination: Mapping[str, Any], key: str) -> Iterator[str]:
    """Names without a suffix, the best first; the next one is for where that is taken.

    The values, then the first digits of the key: so a name is the same whatever else is there, and no name that a
    system reserves, such as CON.
    """
    values = "_".join(part for value in combination.values() if (part := _readable(value)))
    stem = _cut(values) or "sample"
    yield f"{stem}_{key[:_DIGITS]}"
    yield f"{stem}_{key}"
    for number in count(2):
        yield f"{stem}_{key}-{number}"


def _readable(value: Any) -> str:
    """Letters and digits of any script in lower case, with a hyphen for whatever stands between them."""
    if isinstance(value, Mapping):
        parts = [part for each in value.values() if (part := _readable(each))]
        return "-".join(parts)[:_LONGEST_VALUE].strip("-")
    text = unicodedata.normalize("NFKC", str(value)[: 4 * _LONGEST_VALUE]).casefold()
    # Once more: the lower case of some letters is not in normal form.
    letters = (_letter(character) for character in unicodedata.normalize("NFKC", text))
    words = "".join(letters).split()
    return "-".join(words)[:_LONGEST_VALUE].strip("-")


def _letter(character: str) -> str:
    """The character where it belongs to a word (letters, their marks, digits), else a blank."""
    return character if unicodedata.category(character)[0] in "LMN" else " "


def _cut(text: str) -> str:
    """As much of the text as fits, whole characters."""
    return text.encode()[:_LONGEST].decode(errors="ignore").strip("-_")
