"""Which combinations an `exclude` list takes out, and exactly how many, without enumerating them.

An entry names values of some axes and takes out the whole box of combinations that have one of them on each. Every
value of those axes has a mask with one bit for each entry that the value lets stand; the bits left after `and` over a
combination's masks are the entries that it meets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import prod

MAX_STEPS = 2_000_000  # of a count: some seconds
MAX_KNOWN_BITS = 500_000_000  # of what a count remembers: some 100 MB

Entry = Mapping[int, Collection[int]]


class TooManyToCount(Exception):
    """The entries overlap in too many ways."""


class Exclusion:
    """Entries as {axis number: value numbers}, over axes of the given sizes."""

    __slots__ = ("_entries", "_sizes", "masks", "named")

    def __init__(self, sizes: Sequence[int], entries: Sequence[Entry]) -> None:
        self._sizes = tuple(sizes)
        self._entries = tuple(entries)
        every = (1 << len(entries)) - 1  # one bit for each entry
        naming = [0] * len(sizes)
        for bit, entry in enumerate(entries):
            for axis in entry:
                naming[axis] |= 1 << bit
        # The axes that decide; an empty entry names none and takes out everything, which any axis shows.
        self.named = sorted({axis for entry in entries for axis in entry}) or [0]
        # masks[axis][value]: the entries that allow this value on this axis; those that don't name the axis allow all.
        self.masks = {axis: [every & ~naming[axis]] * sizes[axis] for axis in self.named}
        for bit, entry in enumerate(entries):
            for axis, wanted in entry.items():
                for value in wanted:
                    self.masks[axis][value] |= 1 << bit

    def covers(self, combination: Sequence[int]) -> bool:
        """Whether an entry takes out the combination of these value numbers."""
        left = -1
        for axis in self.named:
            left &= self.masks[axis][combination[axis]]
        return left != 0

    def count(self) -> int:
        """How many combinations of the product are taken out: the size of the union of all boxes.

        TooManyToCount where entries over many axes overlap in so many ways that it would take minutes.
        """
        return _Count(self._sizes, self._entries).taken_out()


class _Count:
    """Goes from axis to axis with the entries that are still met, and looks at those values only that they name."""

    def __init__(self, sizes: Sequence[int], entries: Sequence[Entry]) -> None:
        self._sizes, self._entries = sizes, entries
        self._naming = [0] * len(sizes)  # axis -> the entries that name it
        self._wanting: list[dict[int, int]] = [{} for _ in sizes]  # axis -> value -> the entries that name it
        self._over = [0] * (len(sizes) + 1)  # axis -> the entries that name neither it nor any axis after it
        for bit, entry in enumerate(entries):
            for axis, values in entry.items():
                self._naming[axis] |= 1 << bit
                for value in values:
                    self._wanting[axis][value] = self._wanting[axis].get(value, 0) | 1 << bit
            for axis in range(max(entry, default=-1) + 1, len(sizes) + 1):
                self._over[axis] |= 1 << bit
        self._known: dict[tuple[int, int], int] = {}
        self._steps = 0

    def taken_out(self) -> int:
        return self._met(0, (1 << len(self._entries)) - 1)

    def _met(self, axis: int, entries: int) -> int:
        """How many ways there are to go on from an axis so that one of the entries is met in the end."""
        if entries & self._over[axis]:
            return prod(self._sizes[axis:])
        if not entries:
            return 0
        if axis == len(self._sizes) - 1:
            return len(self._named(axis, entries))
        if (known := self._known.get((axis, entries))) is not None:
            return known
        others, naming, wanting = entries & ~self._naming[axis], entries & self._naming[axis], self._wanting[axis]
        values = wanting if naming.bit_count() >= len(wanting) else self._named(axis, naming)
        met = (self._sizes[axis] - len(values)) * self._met(axis + 1, others)
        met += sum(self._met(axis + 1, others | entries & wanting[value]) for value in values)
        if len(self._known) * (1000 + len(self._entries)) < MAX_KNOWN_BITS:
            self._known[axis, entries] = met
        return met

    def _named(self, axis: int, entries: int) -> Collection[int]:
        """The values of an axis that these entries name; all of them name some."""
        values: set[int] = set()
        while entries:
            last = entries & -entries
            named = self._entries[last.bit_length() - 1][axis]
            values.update(named)
            entries ^= last
            self._steps += len(named)
        if self._steps > MAX_STEPS:
            raise TooManyToCount
        return values
