"""The filters of templates: those of Jinja2 that recipes need, and our own for those that could make too much."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS as JINJA_TESTS

from asyncsynth.recipe.budget import check_size

MAX_WIDTH = 1000  # of an indent, and of a number in a format
MAX_DIGITS = 300  # of a rounded number

_FROM_JINJA = (
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "float",
    "int",
    "items",
    "last",
    "length",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "select",
    "selectattr",
    "sort",
    "string",
    "title",
    "trim",
    "truncate",
    "unique",
    "upper",
    "wordcount",
)
TESTS = {
    name: test for name, test in JINJA_TESTS.items() if name not in ("callable", "escaped", "filter", "sameas", "test")
}
LISTING = frozenset(
    {"list", "map", "max", "min", "reject", "reverse", "select", "sort", "unique"}
)  # element by element
_SPECIFIER = r"%(?:\(\w*\))?[-#0 +]*(\d*|\*)(?:\.(\d*|\*))?"


def replaced(text: Any, old: Any, new: Any, count: int | None = None) -> str:
    """replace, its result measured before it is made."""
    whole, part, other = str(text), str(old), str(new)
    times = whole.count(part) if count is None or count < 0 else min(count, whole.count(part))
    check_size(len(whole) + times * max(0, len(other) - len(part)))
    return whole.replace(part, other, times)


def joined(values: Iterable[Any], separator: Any = "") -> str:
    """join, its result measured before it is made."""
    texts, between = [str(value) for value in values], str(separator)
    check_size(sum(map(len, texts)) + len(between) * max(0, len(texts) - 1))
    return between.join(texts)


def indented(text: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:
    """indent, its result measured before it is made."""
    indention = width if isinstance(width, str) else " " * _bounded(width, MAX_WIDTH)
    lines = str(text).split("\n")
    check_size(sum(map(len, lines)) + len(lines) * (len(indention) + 1))
    return "\n".join(
        indention + line if (line or blank) and (first or number) else line for number, line in enumerate(lines)
    )


def formatted(form: Any, *values: Any, **named: Any) -> str:
    """format, as in "%.2f" | format(price), with widths and precisions of a reasonable size."""
    pattern = str(form)
    specifiers = [part for found in re.finditer(_SPECIFIER, pattern) for part in found.groups() if part]
    if any(part == "*" or int(part) > MAX_WIDTH for part in specifiers):
        raise SecurityError(f"a width or precision in a format must be a number up to {MAX_WIDTH:,}")
    texts = sum(len(str(value)) for value in (*values, *named.values()))
    check_size(len(pattern) + pattern.count("%") * (texts + (2 * MAX_WIDTH if specifiers else 0)))
    return pattern % (named or values)


def rounded(value: Any, precision: int = 0, method: str = "common") -> Any:
    """round, to a sensible number of digits."""
    return JINJA_FILTERS["round"](value, _bounded(precision, MAX_DIGITS), method)


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON as a model reads it best: without the escapes for HTML that Jinja2's own tojson makes."""
    width = None if indent is None else _bounded(indent, MAX_WIDTH)
    return json.dumps(value, ensure_ascii=False, indent=width, default=_as_dict)


def _as_dict(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} can't be written as JSON")


def _bounded(number: int, most: int) -> int:
    if not -most <= number <= most:
        raise SecurityError(f"{number} is too large here; at most {most:,}")
    return number


FILTERS = {name: JINJA_FILTERS[name] for name in _FROM_JINJA} | {
    "format": formatted,
    "indent": indented,
    "join": joined,
    "replace": replaced,
    "round": rounded,
    "tojson": as_json,
}
