"""Finds the sketches that meet a new one: that have all minima of a band in common with it.

Locality-sensitive hashing as in Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3, in three bytes
a band and without anything that ever has to be moved: a table of buckets, whose tags are looked through by C. A tag
may be the same by chance, so whoever asks compares the sketches.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

BANDS = 16
MOST_ROWS = 8  # 16 bands of 128 minima
MEETING = 0.88  # the chance that two texts just at the threshold meet, if not more; it grows fast beyond
_BUCKET = 16  # slots
_TAGS = 255  # 0 is an empty slot
CAPACITY = 65_535  # of a part: a place in it has two bytes
_BUCKETS = CAPACITY * BANDS * 10 // 7 // _BUCKET  # seven slots of ten are taken in the end

Band = tuple[int, int]  # what stands for its minima: a byte that is kept, and a number that says in which bucket


def rows_of_a_band(threshold: float) -> int:
    """How many minima make a band: as many as find what is at the threshold, and no more that isn't."""
    enough = [rows for rows in range(1, MOST_ROWS + 1) if 1 - (1 - threshold**rows) ** BANDS >= MEETING]
    return max(enough, default=1)


def bands_of(minima: Sequence[int], rows: int) -> list[Band]:
    each = zip(*[iter(minima[: BANDS * rows])] * rows, strict=True)
    return [(1 + hashed % _TAGS, hashed >> 8) for hashed in map(hash, each)]


class Part:
    """The bands of at most CAPACITY sketches, which have the places 0, 1, 2 ... in it; 4.5 MB."""

    def __init__(self) -> None:
        self._count = 0
        self._tags = bytearray(_BUCKETS * _BUCKET)
        self._places = array("H", bytes(2 * len(self._tags)))

    @property
    def full(self) -> bool:
        return self._count == CAPACITY

    def add(self, bands: Sequence[Band]) -> None:
        for tag, number in bands:
            bucket = number % _BUCKETS
            while (slot := self._tags.find(0, bucket * _BUCKET, (bucket + 1) * _BUCKET)) < 0:
                bucket = (bucket + 1) % _BUCKETS  # a full bucket goes on in the next one
            self._tags[slot], self._places[slot] = tag, self._count
        self._count += 1

    def met(self, bands: Sequence[Band]) -> set[int]:
        """The places of those that share a band, and of a few more."""
        tags, find = self._tags, self._tags.find
        places: set[int] = set()
        for tag, number in bands:
            start = number % _BUCKETS * _BUCKET
            end = start + _BUCKET
            if find(tag, start, end) >= 0 or tags[end - 1]:  # most often it is neither
                places.update(self._places[slot] for slot in self._slots(tag, start))
        return places

    def _slots(self, tag: int, start: int) -> Iterator[int]:
        """Where a tag stands, in the bucket that begins there and in those that it goes on in."""
        while True:
            end = start + _BUCKET
            slot = start - 1
            while (slot := self._tags.find(tag, slot + 1, end)) >= 0:
                yield slot
            if not self._tags[end - 1]:
                return
            start = end % len(self._tags)
