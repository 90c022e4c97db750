"""What can be a value of an axis, and what is wrong with a list of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from asyncsynth.config.shown import shown
from asyncsynth.errors import Problem
from asyncsynth.values import Value

MAX_BITS = 4000  # of a number; Python itself writes no more than about 14,000 of them out
UNKNOWN: tuple[Value, ...] = ("?",)  # stands for a wrong axis: it still has a name, which templates are checked against
TOLD = 10  # mistakes of one axis; those after them are counted
_sorted_json = json.JSONEncoder(sort_keys=True).encode


def list_problems(place: str, given: object) -> Iterator[Problem]:
    """What is wrong with what should be a list of values, with no more than a person reads."""
    values = given if isinstance(given, list) else []
    if not values:
        yield Problem(place, "must be a list of at least one value")
    yield from at_most(TOLD, place, _value_problems(place, values))


def usable(given: object) -> tuple[Value, ...]:
    """The values of a list that are any."""
    return tuple(value for value in given if why_no_value(value) is None) if isinstance(given, list) else ()


def why_no_value(value: object) -> str | None:
    """What is wrong with a value of an axis; None where it is one."""
    if not isinstance(value, dict):
        return _why_no_scalar(value, "must be a string, a number, true or false, or a table of such")
    if not value:
        return "is an empty table"
    for field, part in value.items():
        if (why := _why_no_scalar(part, "must be a string, a number, true or false")) is not None:
            return f"{field} {why}"
    return None


def identity(value: Value) -> str:
    """Equal for equal values only: true, 1, 1.0 and "1" are four."""
    return f'"{value}' if isinstance(value, str) else _sorted_json(value)


def at_most(count: int, place: str, problems: Iterator[Problem]) -> Iterator[Problem]:
    """The first so many problems, and how many more there are."""
    yield from islice(problems, count)
    if further := sum(1 for _ in problems):
        yield Problem(place, f"and {further:,} more mistakes in it")


def _value_problems(name: str, values: Sequence[Any]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        place = f"{name}[{index}]"
        if (why := why_no_value(value)) is not None:
            yield Problem(place, why)
            continue
        first = seen.setdefault(identity(value), index)
        if first != index:
            what = f"{shown(value)} appears twice, first at [{first}]; for more samples set combinations.repeats"
            yield Problem(place, what)


def _why_no_scalar(value: object, wanted: str) -> str | None:
    if isinstance(value, float):
        return None if math.isfinite(value) else f"must be a finite number, not {value}"
    if isinstance(value, int):
        return None if value.bit_length() <= MAX_BITS else "has too many digits; write it as a string"
    return None if isinstance(value, str) else wanted
