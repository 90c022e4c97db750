"""The axes of a recipe by what belongs together: each axis that depends on none, with all that depend on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from asyncsynth.config.sources import Axes, AxisValues, Dependent, Drawn
from asyncsynth.recipe.axis import Axis, seeded_axis, source_axis
from asyncsynth.recipe.dependent import Group, Row, group_axis
from asyncsynth.recipe.sources.source import Source
from asyncsynth.values import Value


def values_of(axes: Axes) -> dict[str, Sequence[Value]]:
    """Every value that a name can have in a template; one may be there several times."""
    return {name: _all(values) for name, values in axes.items()}


class Tried(NamedTuple):
    """Values that the axes of these names have together; `places` says where they stand, for what stands in a file."""

    names: tuple[str, ...]
    rows: Sequence[Row]
    places: Sequence[Callable[[], str]] = ()


def tried(axes: Axes, most: int) -> list[Tried]:
    """For each group of axes the first values, so many at most; of a file also a row with each set of columns."""
    found = [_tried(group, most) for group in groups_of(axes)]
    drawn = {name: axis.values for name, axis in axes.items() if isinstance(axis, Drawn)}
    return found + [Tried((name,), [(value,) for value in values]) for name, values in drawn.items()]


def _tried(group: Group, most: int) -> Tried:
    values = group.values
    if len(group.names) > 1:
        return Tried(group.names, group.rows("")[:most])
    if isinstance(values, Source):
        numbers = [*range(min(most, len(values))), *(number for number in values.told.examples if number >= most)]
        return Tried(
            group.names,
            [(values[number],) for number in numbers],
            [partial(values.place, number) for number in numbers],
        )
    return Tried(group.names, [(value,) for value in islice(values, most)])


def groups_of(axes: Axes) -> Iterator[Group]:
    """Each axis that depends on none and is not drawn, with all that depend on it."""
    dependent = {name: values for name, values in axes.items() if isinstance(values, Dependent)}
    for name, values in axes.items():
        if not isinstance(values, Dependent | Drawn):
            yield Group(name, values, dependent)


def numbered(axes: Axes, seed: int) -> Iterator[Axis]:
    """The groups as axes of a space."""
    for index, group in enumerate(groups_of(axes)):
        if len(group.names) > 1:
            yield group_axis(index, group, seed)
        elif isinstance(group.values, Source):
            yield source_axis(index, group.names[0], group.values, seed)
        else:
            yield seeded_axis(index, group.names[0], group.values, seed)


def _all(values: AxisValues) -> Sequence[Value]:
    if isinstance(values, Dependent):
        return tuple(value for listed in values.values.values() for value in listed)
    return values.values if isinstance(values, Source | Drawn) else values
