"""Which records: those with a value, written axis=value, or those for which an expression holds; one grammar for all.

`place=India` and `place.name=India` compare with the value as the config writes it. Anything else is an expression in
the words of templates, over the axes and the fields of a record: `genre == "horror" and completion | length > 500`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.recipe.condition import Condition

Record = Mapping[str, Any]
Holds = Callable[[Record], bool]
Where = tuple[str, str] | str  # (axis or axis.field, value), or an expression

_VALUES_LOOKED_AT = 1000  # of an axis, for one that was misspelt
_AXIS_IS = re.compile(r"\s*([^\W\d]\w*(?:\.\w+)*)\s*=(?!=)(.*)\Z", re.DOTALL)


def where_of(text: str) -> Where:
    """What somebody wrote, told apart."""
    found = _AXIS_IS.match(text)
    return (found[1], found[2]) if found else text


def holds(where: Where) -> Holds:
    """Whether a condition holds for a record. UsageError where it can't be read, or names what no record has."""
    return _has_value(*where) if isinstance(where, tuple) else _meets(Condition(where, "--where"))


def check_axes(where: Iterable[Where], combination: Record) -> None:
    """UsageError for the first axis that this combination of a record does not have; an empty one tells nothing."""
    for axis, value in (each for each in where if isinstance(each, tuple)):
        if combination:
            check_axis(f"{axis}={value}", axis, combination)


def check_values(where: Iterable[Where], records: Iterable[Record]) -> None:
    """UsageError for a value that no record has, where one is much like it; for conditions that chose nothing."""
    wanted = [each for each in where if isinstance(each, tuple)]
    known: dict[str, set[str]] = {axis: set() for axis, _ in wanted}
    for record in records if wanted else ():
        for axis, values in known.items():
            if len(values) < _VALUES_LOOKED_AT and (value := value_at(record, axis)) is not None:
                values.add(value)
    for axis, value in wanted:
        if value not in known[axis] and (near := nearest(value, sorted(known[axis]))):
            raise UsageError(str(Problem(f"{axis}={value}", "no record has this value", near)))


def check_axis(place: str, axis: str, combination: Record) -> None:
    """UsageError where a combination does not have this axis or field, which all have; `place` is where it is named."""
    name, *fields = axis.split(".")
    if name not in combination:
        raise UsageError(str(Problem(place, f"no axis {name}", nearest(name, combination))))
    value = combination[name]
    for field in fields:
        if value is None:  # its table lacks it, others have it
            return
        there = value if isinstance(value, Mapping) else {}
        if field not in there:
            raise UsageError(str(Problem(place, f"{name} has no field {field}", nearest(field, there))))
        value = value[field]


def value_at(record: Record, axis: str) -> str | None:
    """The value of an axis, or of a field of it, as the config writes it; None where the record has none."""
    value: Any = record["combination"]
    for part in axis.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    # As in TOML and JSON, so that told=true and year=1990 find what the config says.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _has_value(axis: str, value: str) -> Holds:
    return lambda record: value_at(record, axis) == value


def _meets(condition: Condition) -> Holds:
    return lambda record: condition.holds({**record, **record["combination"]})
