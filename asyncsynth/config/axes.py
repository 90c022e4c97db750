"""What is wrong with the values of the axes, and with what `combinations.exclude` says of them; in linear time."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from asyncsynth.config.shown import shown
from asyncsynth.errors import Problem, nearest
from asyncsynth.values import Value

Axes = Mapping[str, tuple[Value, ...]]

AXIS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# What templates have beside the axes, and what Jinja2 takes for something else.
RESERVED_NAMES = frozenset(
    {"uuid", "completion", "loop", "self", "not", "true", "false", "none", "True", "False", "None"}
)
MAX_BITS = 4000  # of a number; Python itself writes no more than about 14,000 of them out
MAX_AXES = 200
TOLD = 10  # mistakes of one axis; those after them are counted
COMPARED = 1000  # values that the nearest one is looked for in
_sorted_json = json.JSONEncoder(sort_keys=True).encode


def checked_axes(table: object) -> tuple[Axes | None, list[Problem]]:
    """The axes as far as they can be used, and what is wrong with them."""
    if not isinstance(table, dict) or not table:
        return None, [Problem("axes", 'at least one axis is needed, like genre = ["horror", "mystery"]')]
    axes: dict[str, tuple[Value, ...]] = {}
    problems = [Problem("axes", f"has {len(table):,} axes; at most {MAX_AXES} are possible")][: len(table) > MAX_AXES]
    for name, given in table.items():
        problems += _name_problems(name)
        values = given if isinstance(given, list) else []
        if not values:
            problems.append(Problem(f"axes.{name}", "must be a list of at least one value"))
        problems += _at_most(TOLD, f"axes.{name}", _value_problems(name, values))
        # A wrong axis still has a name, and templates are checked against names.
        axes[name] = tuple(value for value in values if _why_no_value(value) is None) or ("?",)
    return axes, problems


def exclude_problems(axes: Axes, exclude: object) -> list[Problem]:
    """What is wrong with a list of partial combinations."""
    known = {name: {_identity(value) for value in values} for name, values in axes.items()}
    entries = exclude if isinstance(exclude, list) else []
    return list(_at_most(TOLD, "combinations.exclude", _entry_problems(axes, known, entries)))


def _name_problems(name: str) -> list[Problem]:
    if name in RESERVED_NAMES:
        return [Problem(f"axes.{name}", "has a meaning of its own in templates; choose another name")]
    if not AXIS_NAME.match(name):
        return [
            Problem(f"axes.{name}", "can't be a name in a template: only letters, digits and _ can, no digit first")
        ]
    return []


def _value_problems(name: str, values: list[Any]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        place = f"axes.{name}[{index}]"
        if (why := _why_no_value(value)) is not None:
            yield Problem(place, why)
            continue
        first = seen.setdefault(_identity(value), index)
        if first != index:
            what = f"{shown(value)} is there twice, first at [{first}]; for more samples set combinations.repeats"
            yield Problem(place, what)


def _entry_problems(axes: Axes, known: Mapping[str, Collection[str]], entries: list[Any]) -> Iterator[Problem]:
    for index, entry in enumerate(entries):
        place = f"combinations.exclude[{index}]"
        if not isinstance(entry, dict):
            continue  # the section's own check tells
        if not entry:
            yield Problem(place, "is empty and would exclude everything")
        for name, value in entry.items():
            if name not in axes:
                yield Problem(f"{place}.{name}", "no such axis", nearest(name, axes))
            elif _why_no_value(value) is not None:
                yield Problem(f"{place}.{name}", "must be one value of the axis; write an entry for each")
            elif _identity(value) not in known[name]:
                values = map(shown, islice(axes[name], COMPARED))
                yield Problem(f"{place}.{name}", f"axis has no value {shown(value)}", nearest(shown(value), values))


def _why_no_value(value: object) -> str | None:
    """What is wrong with a value of an axis; None where it is one."""
    if not isinstance(value, dict):
        return _why_no_scalar(value, "must be a string, a number, true or false, or a table of such")
    if not value:
        return "is an empty table"
    for field, part in value.items():
        if (why := _why_no_scalar(part, "must be a string, a number, true or false")) is not None:
            return f"{field} {why}"
    return None


def _why_no_scalar(value: object, wanted: str) -> str | None:
    if isinstance(value, float):
        return None if math.isfinite(value) else f"must be a finite number, not {value}"
    if isinstance(value, int):
        return None if value.bit_length() <= MAX_BITS else "has too many digits; write it as a string"
    return None if isinstance(value, str) else wanted


def _identity(value: Value) -> str:
    """Equal for equal values only: true, 1, 1.0 and "1" are four."""
    return f'"{value}' if isinstance(value, str) else _sorted_json(value)


def _at_most(count: int, place: str, problems: Iterator[Problem]) -> Iterator[Problem]:
    yield from islice(problems, count)
    if further := sum(1 for _ in problems):
        yield Problem(place, f"and {further:,} more of its mistakes")
