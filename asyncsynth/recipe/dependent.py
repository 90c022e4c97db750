"""Axes that depend on each other, as one axis of all their combinations: a genre, its subgenres, and so on.

The combinations of a group are a tree: a value of the first axis, under it the values of the axes that depend on it,
under these the values of those that depend on them. Where several axes depend on one, its block is their product, in an
even order. Blocks beside each other are woven together so that each has its share of every stretch: of the first t of N
combinations a block of n holds t * n / N, less or more than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from math import prod

from asyncsynth.config.sources import Dependent, parent_text
from asyncsynth.errors import UsageError
from asyncsynth.recipe.axis import Axis, Held, shuffled
from asyncsynth.recipe.walks import Walks
from asyncsynth.values import Value

MAX_ROWS = 200_000  # of a group: they are in memory

Row = tuple[Value, ...]
Values = Sequence[Value]


class Group:
    """An axis and those that depend on it; `names` in the order of their rows, the first one depends on none."""

    def __init__(self, root: str, values: Values, dependent: Mapping[str, Dependent]) -> None:
        self.values = values
        self._dependent = dependent
        self._of: dict[str, list[str]] = {}  # name -> those that depend on it
        for name, one in dependent.items():
            self._of.setdefault(one.by, []).append(name)
        self.names = tuple(self._named(root))

    def _named(self, name: str) -> Iterator[str]:
        yield name
        for other in self._of.get(name, ()):
            yield from self._named(other)

    def count(self) -> int:
        """How many combinations there are; none is made."""
        known: dict[tuple[str, str], int] = {}

        def below(name: str, value: Value) -> int:
            place = name, parent_text(value)
            if place not in known:
                lists = [(other, self._under(other, value)) for other in self._of.get(name, ())]
                known[place] = prod(sum(below(other, one) for one in values) for other, values in lists)
            return known[place]

        return sum(below(self.names[0], value) for value in self.values)

    def rows(self, seed: str) -> list[Row]:
        """Every combination once, in a seeded order: the values of all names. UsageError for too many, and for none."""
        count, names = self.count(), ", ".join(self.names)
        if not count:
            raise UsageError(
                f"axes: {names} have no values that go together", hint="give some of their values lists that meet"
            )
        if count > MAX_ROWS:
            raise UsageError(
                f"axes: {names} have {count:,} combinations; at most {MAX_ROWS:,} are possible for axes that depend on "
                f"{self.names[0]}",
                hint="let fewer axes depend on the same one",
            )
        return self._woven(self.names[0], self.values, seed)

    def _woven(self, name: str, values: Values, seed: str) -> list[Row]:
        ordered = shuffled(values, f"{seed}/{self.names.index(name)}")  # names are no part of the order
        return woven([self._block(name, value, seed) for value in ordered])

    def _block(self, name: str, value: Value, seed: str) -> list[Row]:
        lists = [self._woven(other, self._under(other, value), seed) for other in self._of.get(name, ())]
        if not all(lists):
            return []
        walks = Walks([len(rows) for rows in lists], f"{seed}/{self.names.index(name)}/{parent_text(value)}")
        block = []
        for position in range(walks.size):
            row: Row = (value,)
            for rows, number in zip(lists, walks.at(position), strict=True):
                row += rows[number]
            block.append(row)
        return block

    def _under(self, name: str, value: Value) -> Values:
        return self._dependent[name].values.get(parent_text(value), ())


def group_axis(index: int, group: Group, seed: int) -> Axis:
    """The group as an axis of a space. UsageError as of `rows`."""
    rows = group.rows(f"{seed}/{index}")
    return Axis(group.names, len(rows), tuple(map(Held, zip(*rows, strict=True))))


def woven(blocks: Sequence[Sequence[Row]]) -> list[Row]:
    """All rows, each block's in their order, so that every prefix holds the shares of all blocks within one.

    Tijdeman, "The chairman assignment problem", Discrete Mathematics 32 (1980): of the blocks that lag far enough
    behind their share the one whose next row is due first comes next.
    """
    blocks = [block for block in blocks if block]
    total, slack = sum(map(len, blocks)), 2 * len(blocks) - 2
    if slack <= 0:
        return [row for block in blocks for row in block]
    # Row number x of a block of n may come when t * n / total >= x + 1 / slack, and is due by x + 1 - 1 / slack.
    waiting = [(_ceiling(total, len(block) * slack), number, 0) for number, block in enumerate(blocks)]
    heapify(waiting)
    ready: list[tuple[int, int, int]] = []
    rows = []
    for time in range(1, total + 1):
        while waiting and waiting[0][0] <= time:
            _, number, row = heappop(waiting)
            heappush(ready, (total * ((row + 1) * slack - 1) // (len(blocks[number]) * slack), number, row))
        _, number, row = heappop(ready)
        rows.append(blocks[number][row])
        if row + 1 < len(blocks[number]):
            release = _ceiling(total * ((row + 1) * slack + 1), len(blocks[number]) * slack)
            heappush(waiting, (release, number, row + 1))
    return rows


def _ceiling(number: int, divisor: int) -> int:
    return -(-number // divisor)
