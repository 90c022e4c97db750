"""What is wrong with axes that depend on each other, and what their lists leave out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from asyncsynth.config.axis_values import UNKNOWN
from asyncsynth.config.shown import shown
from asyncsynth.config.sources import Dependent, Given, Kind, listed, parent_text
from asyncsynth.errors import Problem, nearest
from asyncsynth.values import Value


def dependent_problems(axes: Given) -> dict[str, list[Problem]]:
    """The axes that can't be used, by name: axes that are not there, circles, and lists for values that are not there.

    Of an axis that is right itself and depends on one of these nothing is told: an empty list.
    """
    dependent = {name: axis for name, axis in axes.items() if isinstance(axis, Dependent)}
    found = {name: list(_problems_of(f"axes.{name}", name, axis, axes)) for name, axis in dependent.items()}
    wrong = {name for name, problems in found.items() if problems}
    return {name: found[name] for name in dependent if name in wrong or not wrong.isdisjoint(_above(name, axes))}


def _problems_of(place: str, name: str, axis: Dependent, axes: Given) -> Iterator[Problem]:
    if axis.by not in axes:
        yield Problem(f"{place}.by", f"there is no axis {shown(axis.by)}", nearest(axis.by, axes))
    elif name in _above(name, axes):
        yield Problem(f"{place}.by", "goes round in a circle: no axis can depend on itself")
    elif axes[axis.by] is UNKNOWN:
        return  # its own mistakes are told
    elif (values := _parents(axes[axis.by])) is None:
        yield Problem(f"{place}.by", f"{axis.by} must be a list, or depend on one")
    else:
        yield from _list_problems(place, axis, values)


def notes_of(axes: Given) -> tuple[str, ...]:
    """For people: the values of which nothing is made, since a list for them is missing."""
    return tuple(
        f"axes.{name} has no list for {axis.by} = {', '.join(map(shown, left))}: nothing is made of "
        f"{'it' if len(left) == 1 else 'them'}"
        for name, axis in axes.items()
        if isinstance(axis, Dependent) and (left := _without_list(axis, axes))
    )


def _list_problems(place: str, axis: Dependent, parents: Mapping[str, Value]) -> Iterator[Problem]:
    for text in axis.values:
        if text not in parents:
            yield Problem(f"{place}.{text}", f"{axis.by} has no value {shown(text)}", nearest(text, parents))
    if not any(axis.values.values()):
        yield Problem(place, f"needs a list of values for a value of {axis.by}")


def _without_list(axis: Dependent, axes: Given) -> list[Value]:
    return [value for text, value in (_parents(axes[axis.by]) or {}).items() if text not in axis.values]


def _parents(axis: Kind) -> dict[str, Value] | None:
    """The values by which lists can be named; None for an axis that no other one can depend on."""
    values = listed(axis)
    if values is None:
        return None
    return {parent_text(value): value for value in values if not isinstance(value, Mapping)}


def _above(name: str, axes: Given) -> Iterator[str]:
    """The axes that an axis depends on, each once, itself among them where they go round."""
    seen: set[str] = set()
    while isinstance(axis := axes.get(name), Dependent) and axis.by not in seen:
        name = axis.by
        seen.add(name)
        yield name
