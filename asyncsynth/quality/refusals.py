"""Answers that refuse what was asked, by how they begin."""

from __future__ import annotations

import unicodedata
from functools import cache

from asyncsynth.config.expressions import Found, finder
from asyncsynth.quality.openings import OPENINGS, STARTS

LOOKED_AT = 200  # characters
_APOSTROPHES = "\u2018\u2019\u02bc\u0060\u00b4"
_QUOTES = "\"'\u201c\u201d\u201e\u00ab\u00bb"
_MARKUP = "*_#> "
_BLANK = r"[\s\x1c-\x1f]"  # whatever str.split takes for one
# Letters that stay what they are in normal form: of ASCII, Latin-1, Cyrillic, Arabic, Devanagari, kana, Han and Hangul.
_SETTLED = (
    r"\x00-\x7f\u00c0-\u00de\u00e0-\u00ff\u0400-\u0482\u048a-\u052f\u0621-\u064a\u0904-\u0939\u093e-\u094d"
    r"\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3"
)
_LABELS = ("assistant:", "ai:", "answer:", "response:")


def refuses(text: str) -> bool:
    """Whether a text begins by refusing."""
    if not _first_look()(text[:LOOKED_AT]):
        return False
    beginning = beginning_of(text)
    languages = _languages()
    for length in (3, 2, 1):
        for language in languages.get(beginning[:length], ()):
            if _finder(language)(beginning):
                return True
    return False


def beginning_of(text: str) -> str:
    """The first characters, in lower case, with plain apostrophes and blanks, without markup or a label before them.

    Nothing where it begins with what somebody else says.
    """
    start = text[:LOOKED_AT].lstrip(_MARKUP + "\n\r\t")
    if start and start[0] in _QUOTES:
        if not _is_one_quotation(text):
            return ""
        start = start.strip(_QUOTES)
    if not start.isascii():
        start = unicodedata.normalize("NFKC", start)
        for apostrophe in _APOSTROPHES:
            start = start.replace(apostrophe, "'")
    start = " ".join(start.casefold().split())
    if start.startswith(_LABELS):
        start = start.partition(":")[2].lstrip(_MARKUP)
    return start


def _is_one_quotation(text: str) -> bool:
    """Whether all of it stands between quotation marks: then nobody else says it."""
    whole = text.strip()
    return whole[-1:] in _QUOTES and not any(quote in whole[1:-1] for quote in _QUOTES if quote != "'")


@cache
def _first_look() -> Found:
    """Whether a text may begin by refusing, by its first three letters; where those may change, it may."""
    first = [start.replace("'", "['`]").replace(" ", f"{_BLANK}+") for start in (*_languages(), *_LABELS)]
    unsettled = rf"(?:[{_SETTLED}]{_BLANK}*){{0,3}}[^{_SETTLED}]"
    return finder(rf"(?is)^(?:{_BLANK}|[{_MARKUP}])*(?:{'|'.join(first)}|[{_QUOTES}]|{unsettled})")


@cache
def _languages() -> dict[str, list[str]]:
    """Those in which a refusal may begin with some characters."""
    languages: dict[str, list[str]] = {}
    for language, starts in STARTS.items():
        for start in starts.split("|"):
            languages.setdefault(start, []).append(language)
    return languages


@cache
def _finder(language: str) -> Found:
    return finder(f"^(?:{'|'.join(OPENINGS[language])})")
