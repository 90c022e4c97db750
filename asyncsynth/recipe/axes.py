"""The axes of a recipe by what belongs together: each axis that depends on none, with all that depend on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from asyncsynth.config.sources import Axes, AxisValues, Dependent, Drawn
from asyncsynth.recipe.axis import Axis, seeded_axis, source_axis
from asyncsynth.recipe.dependent import Group, Row, group_axis
from asyncsynth.recipe.sources.source import Source
from asyncsynth.values import Value


def values_of(axes: Axes) -> dict[str, Sequence[Value]]:
    """Every value that a name can have in a template; one may be there several times."""
    return {name: _all(values) for name, values in axes.items()}


def first_rows(axes: Axes, most: int) -> list[tuple[tuple[str, ...], Sequence[Row]]]:
    """For each group of axes its names, and what values these have together: at most so many."""
    found: list[tuple[tuple[str, ...], Sequence[Row]]] = []
    for group in groups_of(axes):
        alone = len(group.names) == 1
        rows = [(value,) for value in islice(group.values, most)] if alone else group.rows("")[:most]
        found.append((group.names, rows))
    drawn = {name: axis.values for name, axis in axes.items() if isinstance(axis, Drawn)}
    return found + [((name,), [(value,) for value in values]) for name, values in drawn.items()]


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
