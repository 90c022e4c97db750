"""What is wrong with a list of partial combinations; in linear time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from asyncsynth.config.axis_values import TOLD, UNKNOWN, at_most, identity, why_no_value
from asyncsynth.config.shown import shown
from asyncsynth.config.sources import Drawn, Given, Lines, Rows, listed
from asyncsynth.errors import Problem, nearest
from asyncsynth.values import Value

_WHENCE: dict[type, str] = {
    Drawn: "are drawn",
    Rows: "come from a file; leave rows out with where",
    Lines: "come from a file; leave lines out with where",
}
COMPARED = 1000  # values that the nearest one is looked for in


def exclude_problems(axes: Given, exclude: object) -> list[Problem]:
    """What is wrong with `combinations.exclude`."""
    values = {name: of_axis for name, axis in axes.items() if (of_axis := listed(axis)) is not None}
    known = {name: {identity(value) for value in of_axis} for name, of_axis in values.items()}
    entries = exclude if isinstance(exclude, list) else []
    return list(at_most(TOLD, "combinations.exclude", _entry_problems(axes, values, known, entries)))


def _entry_problems(
    axes: Given, values: Mapping[str, Collection[Value]], known: Mapping[str, Collection[str]], entries: list[Any]
) -> Iterator[Problem]:
    for index, entry in enumerate(entries):
        place = f"combinations.exclude[{index}]"
        if not isinstance(entry, dict):
            continue  # the section's own check tells
        if not entry:
            yield Problem(place, "is empty and would exclude everything")
        for name, value in entry.items():
            if name not in axes:
                yield Problem(f"{place}.{name}", "no such axis", nearest(name, axes))
            elif axes[name] is UNKNOWN:
                continue  # its own mistakes are told
            elif name not in values:
                yield Problem(f"{place}.{name}", f"can't be excluded: the values {_WHENCE[type(axes[name])]}")
            elif why_no_value(value) is not None:
                yield Problem(f"{place}.{name}", "must be one value of the axis; write an entry for each")
            elif identity(value) not in known[name]:
                near = nearest(shown(value), map(shown, islice(values[name], COMPARED)))
                yield Problem(f"{place}.{name}", f"axis has no value {shown(value)}", near)
