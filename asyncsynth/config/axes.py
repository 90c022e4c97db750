"""What is wrong with the axes: their names, lists and tables; in linear time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from asyncsynth.config.axis_values import UNKNOWN, list_problems, usable
from asyncsynth.config.dependent import dependent_problems
from asyncsynth.config.section import Section
from asyncsynth.config.sources import By, Dependent, Draw, Drawn, Given, Kind, Lines, Rows
from asyncsynth.errors import Problem, nearest

CheckedSection = Callable[[str, type[Section], object], tuple[Section | None, list[Problem]]]

AXIS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# What templates have beside the axes, and what Jinja2 takes for something else.
RESERVED_NAMES = frozenset(
    {"uuid", "completion", "loop", "self", "not", "true", "false", "none", "True", "False", "None"}
)
MAX_AXES = 200
KINDS: dict[str, type[Section]] = {"rows": Rows, "lines": Lines, "by": By, "draw": Draw}


def checked_axes(table: object, checked_section: CheckedSection) -> tuple[Given | None, list[Problem]]:
    """The axes as far as they can be used, and what is wrong with them."""
    if not isinstance(table, dict) or not table:
        return None, [Problem("axes", 'at least one axis is needed, like genre = ["horror", "mystery"]')]
    axes: dict[str, Kind] = {}
    problems = [Problem("axes", f"has {len(table):,} axes; at most {MAX_AXES} are possible")][: len(table) > MAX_AXES]
    for name, given in table.items():
        problems += _name_problems(name)
        axis, axis_problems = _checked_axis(f"axes.{name}", given, checked_section)
        axes[name] = axis or UNKNOWN
        problems += axis_problems
    if all(isinstance(axis, Drawn) for axis in axes.values()):
        problems.append(Problem("axes", "needs an axis that is not drawn: a drawn one multiplies nothing"))
    wrong = dependent_problems(axes)
    problems += [problem for found in wrong.values() for problem in found]
    return {name: UNKNOWN if name in wrong else axis for name, axis in axes.items()}, problems


def _checked_axis(place: str, given: object, checked_section: CheckedSection) -> tuple[Kind | None, list[Problem]]:
    if not isinstance(given, dict):
        return usable(given), list(list_problems(place, given))
    kind = next((kind for kind in KINDS if kind in given), None)
    if kind is None:
        near = next((near for name in given if (near := nearest(name, KINDS))), None)
        return None, [Problem(place, f"a table here needs one of {', '.join(KINDS)}; plain values go in a list", near)]
    section, problems = checked_section(place, KINDS[kind], given)
    match section:
        case By():
            lists = section.lists()
            problems += [
                problem for name, values in lists.items() for problem in _by_problems(f"{place}.{name}", values)
            ]
            dependent = Dependent(section.by, {name: tuple(values) for name, values in lists.items()})
            return None if problems else dependent, problems
        case Rows() | Lines():
            return section, problems
        case Draw():
            return _drawn(place, section, problems)
    return None, problems


def _drawn(place: str, section: Draw, problems: list[Problem]) -> tuple[Kind | None, list[Problem]]:
    values, weights = section.draw, section.weights or [1.0] * len(section.draw)
    problems += list_problems(f"{place}.draw", values)
    if len(weights) != len(values):
        problems.append(Problem(f"{place}.weights", f"has {len(weights)} numbers for {len(values)} values"))
    return None if problems else Drawn(tuple(values), tuple(weights)), problems


def _by_problems(place: str, values: list[Any]) -> Iterator[Problem]:
    if values:  # without any, nothing is made of that value
        yield from list_problems(place, values)


def _name_problems(name: str) -> list[Problem]:
    if name in RESERVED_NAMES:
        return [Problem(f"axes.{name}", "has a meaning of its own in templates; choose another name")]
    if not AXIS_NAME.match(name):
        return [
            Problem(f"axes.{name}", "can't be a name in a template: only letters, digits and _ can, and no digit first")
        ]
    return []
