r"""Regular expressions that can't hang: those of Rust's regex crate, which takes time linear in the text.

It is in pydantic-core, so it costs no package. Measured on an answer of 1,500 characters it takes a third of the time
of RE2 and a tenth of Python's re, whose time has no bound; and unlike RE2's its \b and \w know all alphabets. What it
lacks, look-around and references to groups, is what makes other engines hang.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import SchemaError, SchemaValidator, core_schema

from asyncsynth.config.shown import shown

Found = Callable[[str], bool]  # whether the expression is found anywhere in a text

# Texts that have nothing in common: what is found in all of them is found everywhere.
_UNLIKE = ("", "a", "\n\u00e9 0")
FEW = 8  # expressions
_HINTS = {
    "look-around": "(?!...), (?=...) and (?<...) are not supported: every expression must run in linear time",
    "backreferences": "\\1 is not supported: every expression must run in linear time",
    "size limit": "is too large",
}


def finder(expression: str) -> Found:
    """What looks for an expression. Raises ValueError with what is wrong, for people."""
    try:
        return SchemaValidator(core_schema.str_schema(pattern=expression, regex_engine="rust-regex")).isinstance_python
    except SchemaError as error:
        raise ValueError(_what_is_wrong(expression, str(error))) from None


def finder_of_any(expressions: Sequence[str]) -> Found:
    """What looks for any of several; each must be right by itself.

    Joined, many take no longer than some. Few are looked for one after the other: an expression with a literal text in
    it is found by that, in a tenth of the time, and joined to one without it no longer is.
    """
    joined = "|".join(f"(?:{expression})" for expression in expressions)
    try:
        # Where # begins a comment, it would swallow the expressions that follow.
        return finder(joined if len(expressions) > FEW and "#" not in joined else "(")
    except ValueError:
        return _one_after_the_other([finder(expression) for expression in expressions])


def _one_after_the_other(each: Sequence[Found]) -> Found:
    def found(text: str) -> bool:
        for one in each:  # noqa: SIM110 - any() takes as long again
            if one(text):
                return True
        return False

    return found


def _what_is_wrong(expression: str, told: str) -> str:
    hint = next((hint for word, hint in _HINTS.items() if word in told), None)
    if hint is not None:
        return hint
    if expression.endswith(r"\Z"):
        return r"the end of a text is \z here, not \Z"
    *shown_lines, last = told.splitlines()
    # A line with a caret stands below the expression, both indented by four.
    caret = next((line.index("^") - 4 for line in shown_lines if line.strip(" ^") == "" and "^" in line), None)
    at = "" if caret is None or not expression[caret:] else f" at {shown(expression[caret:])}"
    return f"is not a regular expression: {last.strip().removeprefix('error: ')}{at}"


def _checked(expression: str) -> str:
    found = finder(expression)
    if all(map(found, _UNLIKE)):
        raise ValueError("matches every text")
    return expression


Expression = Annotated[str, AfterValidator(_checked)]
