"""The words of a text: counted, and cut out for comparing texts with each other.

A word is what stands between blanks; of Chinese and Japanese, which have none, each character is one and their
punctuation is none, as word processors count. Thai, Lao, Khmer and Burmese have none either, and would need a
dictionary: there a phrase between two blanks is one word, and characters are the better measure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from asyncsynth.config.expressions import Found, finder

Word = TypeVar("Word", str, bytes)

WORDS = 200  # of each text: texts of any length have the same weight, and the figures of two runs can be compared

# Han with its iteration mark, kana, bopomofo; and the punctuation of their fonts.
_KANA = "\u3041-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_CHARACTERS = f"\u3005-\u3007{_KANA}\u3105-\u312f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = "\u3000-\u3004\u3008-\u303f\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_ASCII = bytes(range(128))
_WORD = re.compile(f"[{_CHARACTERS}]|[^\\s{_CHARACTERS}{_MARKS}]+")


def count_words(text: str) -> int:
    if text.isascii() or not _without_blanks()(text):
        return len(text.split())
    return len(_WORD.findall(text))


def has_words(text: str, least: int) -> bool:
    """Whether a text has so many words, of which most have many more: looks no further than it must."""
    some = text.split(None, least)
    if len(some) > least:
        head = text if text.isascii() else text[: -len(some[-1])]
        if head.isascii() or not _without_blanks(_MARKS)(head):
            return True
    return count_words(text) >= least


def words_of(text: str) -> list[str]:
    """The first WORDS words, in lower case, with what stands beside them."""
    return _first_of(text, _cut)


def words_in_utf8(text: str) -> list[bytes]:
    """The same in UTF-8, which takes two thirds of the time."""
    return _first_of(text, _cut_in_utf8)


def all_words_in_utf8(text: str) -> list[bytes]:
    """All words, cut out in the same way."""
    return _cut_in_utf8(text, -1)


def _first_of(text: str, cut: Callable[[str, int], list[Word]]) -> list[Word]:
    words = cut(text[: 8 * WORDS], WORDS)
    if len(words) <= WORDS and len(text) > 8 * WORDS:  # longer ones than usual
        words = cut(text[: 40 * WORDS], WORDS)
    del words[WORDS:]
    return words


def _cut(text: str, most: int) -> list[str]:
    """At least so many words where there are more, and some rest; -1: all."""
    if text.isascii():
        return text.lower().split(None, most)
    encoded = text.encode("utf-8", "replace")
    others = encoded.translate(None, _ASCII).decode()  # a few quotes and dashes, most often
    # Of ASCII alone, lower case is quicker found in bytes.
    lower = encoded.lower().decode() if others == others.lower() else encoded.decode().lower()
    return _WORD.findall(lower) if _without_blanks()(others) else lower.split(None, most)


def _cut_in_utf8(text: str, most: int) -> list[bytes]:
    """The same; what hardly anybody writes, as a separator of ASCII's, parts no words here."""
    encoded = text.encode("utf-8", "replace")
    if text.isascii() or _is_plain(encoded.translate(None, _ASCII).decode()):
        return encoded.lower().split(None, most)
    return [word.encode() for word in _cut(text, most)]


def _is_plain(others: str) -> bool:
    """Whether none of these characters is a capital, a blank or a word."""
    return not others or (others == others.lower() and [others] == others.split() and not _without_blanks()(others))


@cache
def _without_blanks(marks: str = "") -> Found:
    """Finds characters of which each is a word, and these marks; in a third of the time of Python's re."""
    return finder(f"[{_CHARACTERS}{marks}]")
