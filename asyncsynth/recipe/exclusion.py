"""Which combinations an `exclude` list takes out, and exactly how many, without enumerating them.

An entry names a value for some axes and takes out the whole box of combinations that have them. Every value of
every axis has a mask with one bit for each entry that the value lets stand; the bits left after `and` over a
combination's masks are the entries that it meets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from math import prod


class Exclusion:
    """Entries as {axis number: value number}, over axes of the given sizes."""

    __slots__ = ("_every", "_sizes", "masks", "named")

    def __init__(self, sizes: Sequence[int], entries: Sequence[Mapping[int, int]]) -> None:
        self._sizes = tuple(sizes)
        self._every = every = (1 << len(entries)) - 1  # one bit for each entry
        # masks[axis][value]: the entries that allow this value on this axis
        self.masks = [[every] * size for size in sizes]
        for bit, entry in enumerate(entries):
            for axis, wanted in entry.items():
                masks = self.masks[axis]
                for value in range(len(masks)):
                    if value != wanted:
                        masks[value] &= ~(1 << bit)
        # The axes that decide; an empty entry names none and takes out everything, which any axis shows.
        self.named = sorted({axis for entry in entries for axis in entry}) or [0]

    def covers(self, combination: Sequence[int]) -> bool:
        """Whether an entry takes out the combination of these value numbers."""
        left = -1
        for axis in self.named:
            left &= self.masks[axis][combination[axis]]
        return left != 0

    def count(self) -> int:
        """How many combinations of the product are taken out: the size of the union of all boxes."""
        sizes = self._sizes
        tallies = [Counter(masks) for masks in self.masks]
        # settled[axis]: the entries that allow every value of this axis and of all after it
        settled = [-1] * (len(sizes) + 1)
        for axis in reversed(range(len(sizes))):
            settled[axis] = settled[axis + 1]
            for mask in tallies[axis]:
                settled[axis] &= mask

        @cache
        def met(axis: int, entries: int) -> int:
            if not entries:
                return 0
            if entries & settled[axis]:
                return prod(sizes[axis:])
            return sum(times * met(axis + 1, entries & mask) for mask, times in tallies[axis].items())

        return met(0, self._every)
