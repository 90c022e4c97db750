"""WHAT combinations there are: the exact product of the axes, lazily, in a seeded order that is even at every prefix.

With axes of n_1, n_2, ... values and L their least common multiple, a walk is t = 0 .. L-1, with value number
(t + o_j) mod n_j on axis j. The offset o_j has g_j = gcd(lcm(n_1 .. n_{j-1}), n_j) choices, 0 .. g_j - 1.

Exact: the first j-1 values and offsets fix t modulo M = lcm(n_1 .. n_{j-1}); v_j = t + o_j (mod n_j) then has a
  solution t modulo lcm(M, n_j) just when o_j = v_j - t (mod g_j): one o_j, and one such t (Chinese remainders).
Even: on every axis any n_j steps in a row, over the end of a walk too, take each value once, and whole walks are even.

So product(g_j) walks of L steps are the product, each combination once, and in every prefix the counts of an axis's
values differ by at most one, from whatever step each walk starts and in whatever order the walks come. Both are
drawn from the seed, as is the numbering of the values, so that axes of equal size don't march in step.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import compress, cycle, islice
from math import lcm, prod
from operator import and_
from typing import Any

from asyncsynth.errors import UsageError
from asyncsynth.recipe.axis import Axis, label, seeded_axis
from asyncsynth.recipe.exclusion import Exclusion, TooManyToCount
from asyncsynth.recipe.permutation import Permutation, keys_of, mix
from asyncsynth.values import Column, Value


class Space:
    """Every combination of one value from each axis, `repeats` times over, less the excluded ones.

    `exclude` holds partial combinations. The repeats are the outermost loop: every combination once, then every
    combination again. Memory grows with the number of values, never with the number of combinations. ValueError for
    an axis that is empty or has a value twice; UsageError for an exclude entry that names an axis or a value that
    isn't there.
    """

    def __init__(
        self,
        axes: Mapping[str, Sequence[Value]],
        *,
        exclude: Sequence[Mapping[str, Value]] = (),
        repeats: int = 1,
        seed: int = 0,
    ) -> None:
        if not axes:
            raise ValueError("at least one axis is needed")
        ordered: list[Axis] = []
        self._length = 1  # L: steps of a walk
        for index, (name, values) in enumerate(axes.items()):
            axis = seeded_axis(index, name, values, seed, self._length)
            ordered.append(axis)
            self._length = lcm(self._length, len(axis.values))
        self.axes = tuple(ordered)
        self.repeats = repeats
        self.seed = seed
        self._names = tuple(axes)
        self._walks = prod(axis.choices for axis in self.axes)
        self._sizes = sizes = [len(axis.values) for axis in self.axes]
        self._wheels = [(axis.choices, len(axis.values)) for axis in reversed(self.axes)]
        self._size = prod(sizes)
        self._exclusion = Exclusion(sizes, [self._entry(*one) for one in enumerate(exclude)]) if exclude else None
        self.combinations = self._size - self._excluded()
        self.total = self.combinations * repeats

    def walk(self, start: int = 0) -> Iterator[tuple[dict[str, Value], int]]:
        """Every (combination, repeat) there is, names in the order of the axes.

        The first `start` are left out: without a look at each, unless there are excluded ones among them to be counted.
        """
        names = self._names
        for repeat, rows in self.rows(self.columns, start):
            for row in rows:
                yield dict(zip(names, row, strict=False)), repeat

    @property
    def columns(self) -> list[Column]:
        """The values of each axis, which are the cells of a column by themselves; others have theirs in this order."""
        return [Column(number, axis.values) for number, axis in enumerate(self.axes)]

    def rows(self, columns: Sequence[Column], start: int = 0) -> Iterator[tuple[int, Iterator[tuple[Any, ...]]]]:
        """For each repeat, in the order of the walk, the cells that each combination has in these columns.

        There must be at least one. The first `start` combinations and repeats are left out.
        """
        if not self.combinations:
            return
        twice = [Column(axis, (*cells, *cells)) for axis, cells in columns]
        first, skipped = divmod(start, self.combinations)
        for repeat in range(first, self.repeats):
            yield repeat, self._rows(twice, repeat, skipped)
            skipped = 0

    def position(self, combination: Mapping[str, Value], repeat: int) -> int:
        """The ordinal of a combination and repeat in the walk, excluded ones counted.

        KeyError for a combination that isn't of the product, ValueError for a repeat out of range.
        """
        if not 0 <= repeat < self.repeats:
            raise ValueError(f"there is no repeat {repeat}")
        time, walk = 0, 0
        for axis, number in zip(self.axes, self._numbers(combination), strict=True):
            offset = (number - time) % axis.choices
            walk = walk * axis.choices + offset
            # The smallest time from `time` on, in steps of the axes before, that brings this axis to its value.
            size, steps = len(axis.values) // axis.choices, axis.period // axis.choices
            gap = (number - offset - time) // axis.choices
            time += axis.period * (gap * pow(steps, -1, size) % size)
        order, key = self._order(repeat)
        return repeat * self._size + order.index(walk) * self._length + (time - mix(walk, key)) % self._length

    def at(self, position: int) -> tuple[dict[str, Value], int]:
        """The combination and repeat at a position, also of an excluded one; the inverse of `position`.

        IndexError for a position out of range.
        """
        if not 0 <= position < self._size * self.repeats:
            raise IndexError(f"there is no position {position}")
        repeat, within = divmod(position, self._size)
        index, step = divmod(within, self._length)
        order, key = self._order(repeat)
        walk = order.at(index)
        numbers = self._starts(walk, mix(walk, key) + step)
        return {axis.name: axis.values[number] for axis, number in zip(self.axes, numbers, strict=True)}, repeat

    def _excluded(self) -> int:
        try:
            return 0 if self._exclusion is None else self._exclusion.count()
        except TooManyToCount:
            raise UsageError(
                "combinations.exclude: so many entries over so many axes overlap in too many ways to be counted",
                hint="write fewer entries, or name the combinations that fit as tables of one axis",
            ) from None

    def _rows(self, columns: Sequence[Column], repeat: int, skipped: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a repeat after the first `skipped`; the columns are there twice."""
        exclusion = self._exclusion
        order, key = self._order(repeat)
        first = 0
        if exclusion is None:
            first, skipped = divmod(skipped, self._length)
        for index in range(first, self._walks):
            walk = order.at(index)
            step = mix(walk, key)
            if exclusion is None:
                rows = self._steps(columns, self._starts(walk, step + skipped))
                yield from islice(rows, min(self._length - skipped, sys.maxsize))
            else:
                starts = self._starts(walk, step)
                if skipped and (kept := sum(self._kept(exclusion, starts))) <= skipped:
                    skipped -= kept
                    continue
                rows = compress(self._steps(columns, starts), self._kept(exclusion, starts))
                yield from islice(rows, skipped, None)
            skipped = 0

    def _steps(self, columns: Sequence[Column], starts: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        """The rows of one walk through columns that are there twice, so that a rotation is one slice."""
        length = self._length
        rotated = []
        for axis, cells in columns:
            at, size = starts[axis], self._sizes[axis]
            column = cells[at : at + size]
            rotated.append(column if size == length else cycle(column))
        return islice(zip(*rotated, strict=False), min(length, sys.maxsize))

    def _order(self, repeat: int) -> tuple[Permutation, int]:
        """The order of a repeat's walks, and the key that their first steps are drawn with."""
        return Permutation(self._walks, f"{self.seed}/walks/{repeat}"), keys_of(f"{self.seed}/steps/{repeat}")[0]

    def _starts(self, walk: int, step: int) -> list[int]:
        """Each axis's value number at a walk's first step; a walk's number has the offsets as its digits."""
        starts = []
        for choices, size in self._wheels:
            walk, offset = divmod(walk, choices)
            starts.append((step + offset) % size)
        starts.reverse()
        return starts

    def _kept(self, exclusion: Exclusion, starts: Sequence[int]) -> Iterator[bool]:
        """For each step of a walk, whether no entry takes it out."""
        columns = [Column(axis, exclusion.masks[axis] * 2) for axis in exclusion.named]
        masks = self._steps(columns, starts)
        return (not reduce(and_, row) for row in masks)

    def _numbers(self, combination: Mapping[str, Value]) -> list[int]:
        if len(combination) != len(self.axes):
            raise KeyError("not a value for each axis")
        return [axis.numbers[label(combination[axis.name])] for axis in self.axes]

    def _entry(self, index: int, entry: Mapping[str, Value]) -> dict[int, int]:
        numbers = {}
        for name, value in entry.items():
            place = f"combinations.exclude[{index}].{name}"
            if name not in self._names:
                raise UsageError(f"{place}: no such axis", hint=f"the axes are {', '.join(self._names)}")
            at = self._names.index(name)
            if label(value) not in self.axes[at].numbers:
                raise UsageError(f"{place}: the axis has no value {value!r}", hint="write it as the axis does")
            numbers[at] = self.axes[at].numbers[label(value)]
        return numbers
