r"""Regular expressions that are cut out of a text: those of config/expressions, put so that RE2 reads them alike.

Rust's engine in pydantic-core tells whether something is found, but not where. RE2 does, in time linear in the text as
well; but its \w, \d and \s know English alone, so they are written out for it. Its \b can't be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import AfterValidator

from asyncsynth.config.expressions import finder

Cut = Callable[[str], str]  # a text without what the expression finds in it

_LETTERS = r"\pL\pM\p{Nd}\p{Nl}\p{Pc}"
_BLANKS = r"\t-\r \x{85}\pZ"
_NO_BLANKS = (
    r"\x00-\x08\x0e-\x1f!-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}"
    r"\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}"
)
_NO_LETTERS = r"\p{Cc}\p{Cf}\p{Co}\p{No}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\pS\pZ"
_DIGITS = {r"\d": r"\p{Nd}", r"\D": r"\P{Nd}"}
_IN_A_CLASS = {r"\w": _LETTERS, r"\W": _NO_LETTERS, r"\s": _BLANKS, r"\S": _NO_BLANKS} | _DIGITS
_ALONE = {
    r"\w": f"[{_LETTERS}]",
    r"\W": f"[^{_LETTERS}]",
    r"\s": f"[{_BLANKS}]",
    r"\S": f"[^{_BLANKS}]",
} | _DIGITS
_PART = r"(?s)\\.|\[:\^?[a-z]+:\]|\[\^?\]?|&&|--|~~|."
_OF_CLASSES = ("&&", "--", "~~")  # what Rust makes of two classes, and RE2 takes for characters
_BEYOND_ENGLISH = r"[^\x00-\x7f]|\\[pPwW]"


def cutter(expression: str) -> Cut:
    """What cuts an expression out. Raises ValueError with what is wrong, for people."""
    import re2  # noqa: PLC0415 - a start must not wait for it

    found = finder(expression)
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile("".join(_for_re2(expression)), options)
    except re2.error as error:
        told = error.args[0]
        raise ValueError(f"can't be cut out: {told.decode() if isinstance(told, bytes) else told}") from None
    # Most texts have nothing that is cut out, and that is told much faster.
    return lambda text: compiled.sub("", text) if found(text) else text


def _for_re2(expression: str) -> Iterator[str]:
    """The same in RE2's words. Raises ValueError where there are none."""
    in_a_class = False
    for part in re.findall(_PART, expression):
        if in_a_class:
            if part in _OF_CLASSES or (part[0] == "[" and part[:2] != "[:"):
                raise ValueError(f"{part} inside of [...] can't be cut out; for the character itself write \\{part[0]}")
            in_a_class = part != "]"
            yield _IN_A_CLASS.get(part, part)
        else:
            if part in (r"\<", r"\>") or (part in (r"\b", r"\B") and re.search(_BEYOND_ENGLISH, expression)):
                raise ValueError(f"{part} knows only English letters where something is cut out; leave it out")
            in_a_class = part[0] == "["
            yield _ALONE.get(part, part)


def _checked(expression: str) -> str:
    cutter(expression)
    return expression


CutExpression = Annotated[str, AfterValidator(_checked)]
