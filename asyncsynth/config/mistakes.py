"""A file that is no TOML, told so that a person finds the place."""

from __future__ import annotations

import re

from asyncsynth.errors import Problem

TYPOGRAPHIC_QUOTES = "“”„‟‘’‚‛«»"  # noqa: RUF001 - that these look alike is what this is about
_STRING_IN_PYTHON = r"'([^']*)'"
_STRING = r'"(?:[^"\\]|\\.)*"|\'[^\']*\''


def toml_problem(text: str, error: Exception) -> Problem:
    """What is wrong with a text that tomllib refused with this error."""
    if isinstance(error, RecursionError):
        return Problem("TOML", "is nested too deep")
    place = re.search(r"\(at line (\d+), column \d+\)", str(error))
    lines = text.split("\n")
    suspects = [int(place[1]) - 1] if place else range(len(lines))  # an open string is noticed at the end of the file
    for number in suspects:
        if quote := _typographic_quote(lines[number]):
            what = f"line {number + 1}: {quote} is a typographic quotation mark; TOML wants the straight ones, \" or '"
            return Problem("TOML", what)
    return Problem("TOML", _in_our_words(str(error)))


def _in_our_words(told: str) -> str:
    """What is there twice is told by tomllib as the step that it could not take."""
    if table := re.match(r"Cannot declare \((.+?),?\) twice(.*)", told):
        return f"[{'.'.join(re.findall(_STRING_IN_PYTHON, table[1]))}] appears twice{table[2]}"
    return told.replace("Cannot overwrite a value", "a name appears twice")


def _typographic_quote(line: str) -> str | None:
    """The first one outside of strings and comments; none where the line is in order without it."""
    bare = re.sub(_STRING, "", line).partition("#")[0]
    return next((character for character in bare if character in TYPOGRAPHIC_QUOTES), None)
