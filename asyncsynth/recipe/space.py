"""WHAT combinations there are: the exact product of the axes, lazily, in a seeded order that is even at every prefix.

The order is that of recipe.walks. The numbering of an axis's values is drawn from the seed, too, so that axes of equal
size don't march in step. Axes that depend on each other are one axis of the walks, whose values are their combinations.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import compress, cycle, islice
from operator import and_
from typing import Any

from asyncsynth.config.sources import Axes, Drawn
from asyncsynth.errors import UsageError
from asyncsynth.recipe.axes import numbered
from asyncsynth.recipe.axis import Axis, Column, Label, label
from asyncsynth.recipe.exclusion import Exclusion, TooManyToCount
from asyncsynth.recipe.walks import Walks
from asyncsynth.values import Value

Numbered = tuple[int, Column]  # the number of an axis, and a column of it


class Space:
    """Every combination of one value from each axis, `repeats` times over, less the excluded ones.

    `exclude` holds partial combinations. The repeats are the outermost loop: every combination once, then every
    combination again. Memory grows with the number of values (of axes that depend on each other: of their
    combinations), never with the number of combinations. ValueError for an axis that is empty or has a value twice;
    UsageError for an exclude entry that names an axis or a value that isn't there.
    """

    def __init__(
        self,
        axes: Axes,
        *,
        exclude: Sequence[Mapping[str, Value]] = (),
        repeats: int = 1,
        seed: int = 0,
    ) -> None:
        if not axes:
            raise ValueError("at least one axis is needed")
        self.axes = tuple(numbered(axes, seed))
        self.repeats = repeats
        self.seed = seed
        self.names = tuple(name for name, axis in axes.items() if not isinstance(axis, Drawn))
        self.columns = _columns(self.names, self.axes)
        self._walks = Walks([axis.size for axis in self.axes], seed)
        sizes = self._walks.sizes
        self.exclusion = Exclusion(sizes, list(self._entries(exclude))) if exclude else None
        self.combinations = self._walks.size - self._excluded()
        self.total = self.combinations * repeats

    def walk(self, start: int = 0) -> Iterator[tuple[dict[str, Value], int]]:
        """Every (combination, repeat) there is, names in the order of the axes.

        The first `start` are left out: without a look at each, unless there are excluded ones among them to be counted.
        """
        names = self.names
        for repeat, rows in self.rows(self.columns, start):
            for row in rows:
                yield dict(zip(names, row, strict=False)), repeat

    def rows(self, columns: Sequence[Numbered], start: int = 0) -> Iterator[tuple[int, Iterator[tuple[Any, ...]]]]:
        """For each repeat, in the order of `walk`, what each combination has in these columns, of which there is one.

        The first `start` combinations and repeats are left out.
        """
        if not self.combinations:
            return
        first, skipped = divmod(start, self.combinations)
        for repeat in range(first, self.repeats):
            yield repeat, self._rows(columns, repeat, skipped)
            skipped = 0

    def positions(self) -> Iterator[int]:
        """The position of each step of `walk`: its ordinal, excluded ones counted."""
        length, exclusion = self._walks.length, self.exclusion
        if exclusion is None:
            yield from range(self.total)
            return
        for repeat in range(self.repeats):
            order = self._walks.order(repeat)
            for index in range(self._walks.count):
                begin = repeat * self._walks.size + index * length
                yield from compress(range(begin, begin + length), self._kept(exclusion, order.numbers(index)))

    def at(self, position: int) -> tuple[dict[str, Value], int]:
        """The combination and repeat at a position, also of an excluded one.

        IndexError for a position out of range.
        """
        if not 0 <= position < self._walks.size * self.repeats:
            raise IndexError(f"there is no position {position}")
        repeat, within = divmod(position, self._walks.size)
        numbers = self._walks.at(within, repeat)
        row = (column.values[numbers[axis]] for axis, column in self.columns)
        return dict(zip(self.names, row, strict=True)), repeat

    def _excluded(self) -> int:
        try:
            return 0 if self.exclusion is None else self.exclusion.count()
        except TooManyToCount:
            raise UsageError(
                "combinations.exclude: so many entries over so many axes overlap in too many ways to be counted",
                hint="write fewer entries, or name the combinations that fit as tables of one axis",
            ) from None

    def _rows(self, columns: Sequence[Numbered], repeat: int, skipped: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a repeat's combinations, after the first `skipped`."""
        exclusion, length = self.exclusion, self._walks.length
        order = self._walks.order(repeat)
        first = 0
        if exclusion is None:
            first, skipped = divmod(skipped, length)
        for index in range(first, self._walks.count):
            if exclusion is None:
                rows = self._steps(columns, order.numbers(index, skipped))
                yield from islice(rows, min(length - skipped, sys.maxsize))
            else:
                starts = order.numbers(index)
                if skipped and (kept := sum(self._kept(exclusion, starts))) <= skipped:
                    skipped -= kept
                    continue
                rows = compress(self._steps(columns, starts), self._kept(exclusion, starts))
                yield from islice(rows, skipped, None)
            skipped = 0

    def _steps(self, columns: Sequence[Numbered], starts: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """The rows of one walk."""
        length, sizes = self._walks.length, self._walks.sizes
        turned = [column.turned(starts[axis], once=sizes[axis] == length) for axis, column in columns]
        return islice(zip(*turned, strict=False), min(length, sys.maxsize))

    def _kept(self, exclusion: Exclusion, starts: Sequence[int]) -> Iterator[bool]:
        """For each step of a walk, whether no entry takes it out."""
        turned = [
            cycle(exclusion.masks[axis][starts[axis] :] + exclusion.masks[axis][: starts[axis]])
            for axis in exclusion.named
        ]
        masks = islice(zip(*turned, strict=False), min(self._walks.length, sys.maxsize))
        return (not reduce(and_, row) for row in masks)

    def _entries(self, exclude: Sequence[Mapping[str, Value]]) -> Iterator[dict[int, set[int]]]:
        """The numbers that each entry means, by the number of their axis."""
        known = {name: _numbers(self._column(name)[1]) for name in {name for entry in exclude for name in entry}}
        for index, entry in enumerate(exclude):
            numbers: dict[int, set[int]] = {}
            for name, value in entry.items():
                if (found := known[name].get(label(value))) is None:
                    place = f"combinations.exclude[{index}].{name}"
                    raise UsageError(f"{place}: the axis has no value {value!r}", hint="write it as the axis does")
                axis, _ = self._column(name)
                numbers[axis] = numbers[axis] & found if axis in numbers else found
            yield numbers

    def _column(self, name: str) -> Numbered:
        if name not in self.names:
            raise UsageError(f"combinations.exclude: no axis {name}", hint=f"the axes are {', '.join(self.names)}")
        return self.columns[self.names.index(name)]


def _numbers(column: Column) -> dict[Label, set[int]]:
    """The numbers that have each value."""
    numbers: dict[Label, set[int]] = {}
    for number, value in enumerate(column.values):
        numbers.setdefault(label(value), set()).add(number)
    return numbers


def _columns(names: Sequence[str], axes: Sequence[Axis]) -> list[Numbered]:
    """For each name the number of its axis and its column."""
    found = {
        name: (number, column)
        for number, axis in enumerate(axes)
        for name, column in zip(axis.names, axis.columns, strict=True)
    }
    return [found[name] for name in names]
