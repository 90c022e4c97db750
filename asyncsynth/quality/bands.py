"""Finds the sketches that meet a new one: that have all minima of a band in common with it.

Locality-sensitive hashing as in Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3, in three bytes
a band and without anything that ever has to be moved: a table of slots, of which a band takes the first free one from
its own on (linear probing). Whether one is there is told by tags of a byte, which C looks through. A tag may be the
same by chance, so whoever asks compares the sketches.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from struct import Struct

Bands = tuple[Sequence[int], bytes]  # of each its own slot, and its tag

BANDS = 16
MOST_ROWS = 8  # 16 bands of 128 minima
MEETING = 0.88  # the chance that two texts just at the threshold meet, if not more; it grows fast beyond
_HASHES = Struct(f"<{BANDS}q")
CAPACITY = 65_535  # of a part: a place in it has two bytes
_SLOTS = CAPACITY * BANDS * 10 // 7  # seven of ten are taken in the end
_BEHIND = 3 * BANDS  # slots that none is the own one of, so that there is always a free one behind


def rows_of_a_band(threshold: float) -> int:
    """How many minima make a band: as many as find what is at the threshold, and no more that isn't."""
    enough = [rows for rows in range(1, MOST_ROWS + 1) if 1 - (1 - threshold**rows) ** BANDS >= MEETING]
    return max(enough, default=1)


def bands_of(minima: bytes, rows: int) -> Bands:
    """By each band's minima, of four bytes each; others in each process."""
    hashes = list(map(hash, _bands(rows).unpack_from(minima)))
    tags = _HASHES.pack(*hashes)[4::8].replace(b"\0", b"\1")  # 0 is a free slot
    return [number % _SLOTS for number in hashes], tags


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

    def met(self, bands: Bands) -> set[int]:
        """The places of those that share a band, and of a few more."""
        tags, found = self._tags, set[int]()
        for own, tag in zip(*bands, strict=True):
            if tags[own]:  # most often it is free
                end = tags.find(0, own)
                if tags.find(tag, own, end) >= 0:
                    found.update(self._with_tag(tag, own, end))
        return found

    def enter(self, bands: Bands) -> set[int]:
        """Those that the next sketch meets, which has the next place from now on; not where it is full."""
        tags, places, place = self._tags, self._places, self._count
        found = set[int]()
        for own, tag in zip(*bands, strict=True):
            slot = own
            if tags[own]:
                slot = tags.find(0, own)
                if tags.find(tag, own, slot) >= 0:
                    found.update(self._with_tag(tag, own, slot))
            tags[slot] = tag
            places[slot] = place
        found.discard(place)
        self._count += 1
        return found

    def take_back(self, bands: Bands) -> None:
        """The sketch that has just entered, which has these bands."""
        self._count -= 1
        for own, tag in zip(*bands, strict=True):
            slot = self._tags.find(tag, own)
            while self._places[slot] != self._count:
                slot = self._tags.find(tag, slot + 1)
            self._tags[slot] = 0

    def _with_tag(self, tag: int, own: int, end: int) -> Iterator[int]:
        """The places of those that have it, of all that may have this slot as their own one."""
        slot = self._tags.find(tag, own, end)
        while slot >= 0:
            yield self._places[slot]
            slot = self._tags.find(tag, slot + 1, end)
