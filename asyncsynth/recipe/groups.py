"""The combinations of a space in groups: all that have the same values on some axes, one after the other.

Groups come in the order of the walks over those axes, and the combinations of each in that of the walks over the other
axes, so both are even at every prefix. The repeats of a combination are in its group. Memory grows with the number of
values, as that of the space does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import compress, cycle, islice, repeat
from operator import and_
from typing import Any

from asyncsynth.recipe.space import Numbered, Space
from asyncsynth.recipe.walks import Walks

Rows = Iterator[tuple[Any, ...]]


class Groups:
    """The groups of the combinations that are alike on the axes `leading`, by number."""

    def __init__(self, space: Space, leading: Sequence[int]) -> None:
        self._space = space
        self._leading = tuple(leading)
        self._rest = tuple(number for number in range(len(space.axes)) if number not in leading)
        self._outer = Walks([space.axes[number].size for number in self._leading], f"{space.seed}/groups")
        self._inner = Walks([space.axes[number].size for number in self._rest], f"{space.seed}/in a group")

    def rows(self, columns: Sequence[Numbered], start: int = 0) -> Iterator[tuple[bool, int, Rows]]:
        """For each group and each repeat in it: whether it is the first of the group, the repeat, and a row for each
        combination, with what it has in these columns, of which there is one. The first `start` rows are left out.
        """
        first, repeats = 0, self._space.repeats
        if self._space.exclusion is None:
            first, start = divmod(start, self._inner.size)
        for block in range(first, self._outer.size * repeats):
            group, number = divmod(block, repeats)
            held = dict(zip(self._leading, self._outer.at(group), strict=True))
            rows = self._rows(columns, held, number)
            if start:
                start -= sum(1 for _ in islice(rows, start))
            yield number == 0, number, rows

    def _rows(self, columns: Sequence[Numbered], held: dict[int, int], number: int) -> Rows:
        order, length = self._inner.order(number), min(self._inner.length, sys.maxsize)
        for index in range(self._inner.count):
            starts = dict(zip(self._rest, order.numbers(index), strict=True))
            turned = [
                repeat(column.values[held[axis]], length)
                if axis in held
                else column.turned(starts[axis], once=self._space.axes[axis].size == length)
                for axis, column in columns
            ]
            rows = islice(zip(*turned, strict=False), length)
            kept = self._kept(held, starts)
            yield from rows if kept is None else compress(rows, kept)

    def _kept(self, held: dict[int, int], starts: dict[int, int]) -> Iterator[bool] | None:
        """For each step of a walk, whether no excluded combination is there; None: none is in the group."""
        exclusion = self._space.exclusion
        if exclusion is None:
            return None
        met = reduce(and_, (exclusion.masks[axis][held[axis]] for axis in exclusion.named if axis in held), -1)
        if not met:
            return None
        masks = [exclusion.masks[axis] for axis in exclusion.named if axis not in held]
        at = [starts[axis] for axis in exclusion.named if axis not in held]
        turned = [cycle(of[start:] + of[:start]) for of, start in zip(masks, at, strict=True)]
        steps = zip(*turned, strict=False) if turned else repeat(())
        return (not reduce(and_, row, met) for row in islice(steps, min(self._inner.length, sys.maxsize)))
