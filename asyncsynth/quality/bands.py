"""Finds the sketches that meet a new one: that have all minima of a band in common with it.

Locality-sensitive hashing as in Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3, in three bytes
a band and without anything that ever has to be moved: a table of slots, of which a band takes the first free one from
its own on (linear probing). Whether one is there is told by tags of a byte, which C looks through. A tag may be the
same by chance, so whoever asks compares the sketches.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cache
from struct import Struct

BANDS = 16
MOST_ROWS = 8  # 16 bands of 128 minima
MEETING = 0.88  # the chance that two texts just at the threshold meet, if not more; it grows fast beyond
_TAGS = 255  # 0 is a free slot
CAPACITY = 65_535  # of a part: a place in it has two bytes
_SLOTS = CAPACITY * BANDS * 10 // 7  # seven of ten are taken in the end
_BEHIND = 3 * BANDS  # slots that none is the own one of, so that there is always a free one behind


def rows_of_a_band(threshold: float) -> int:
    """How many minima make a band: as many as find what is at the threshold, and no more that isn't."""
    enough = [rows for rows in range(1, MOST_ROWS + 1) if 1 - (1 - threshold**rows) ** BANDS >= MEETING]
    return max(enough, default=1)


def bands_of(minima: bytes, rows: int) -> list[int]:
    """What stands for each band's minima, of four bytes each; other numbers in each process."""
    return list(map(hash, _bands(rows).unpack_from(minima)))


@cache
def _bands(rows: int) -> Struct:
    return Struct(f"{4 * rows}s" * BANDS)


class Part:
    """The bands of at most CAPACITY sketches, which have the places 0, 1, 2 ... in it; 4.5 MB."""

    def __init__(self) -> None:
        self._count = 0
        self._tags = bytearray(_SLOTS + _BEHIND)
        self._places = array("H", bytes(2 * len(self._tags)))

    @property
    def full(self) -> bool:
        return self._count == CAPACITY or self._tags[-2 * BANDS] > 0

    def add(self, bands: Sequence[int]) -> None:
        """The bands of the next sketch; not where it is full."""
        tags, places, count = self._tags, self._places, self._count
        for band in bands:
            slot = band % _SLOTS
            if tags[slot]:
                slot = tags.find(0, slot)
            tags[slot] = 1 + (band >> 32) % _TAGS
            places[slot] = count
        self._count += 1

    def met(self, bands: Sequence[int]) -> set[int]:
        """The places of those that share a band, and of a few more."""
        tags, of, found = self._tags, self._places, set[int]()
        for band in bands:
            own = band % _SLOTS
            if tags[own]:  # most often it is free
                # Those that have its tag, of all that may be this band's.
                tag, end = 1 + (band >> 32) % _TAGS, tags.find(0, own)
                slot = tags.find(tag, own, end)
                while slot >= 0:
                    found.add(of[slot])
                    slot = tags.find(tag, slot + 1, end)
        return found
