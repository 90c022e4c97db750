"""Answers that nearly repeat an earlier one of their step, in the order in which they are kept.

Of an answer's sketch (quality/sketch) 64 bytes are kept: the lowest four bits of each minimum (Li and König, b-bit
minwise hashing, 2010), which tell the share that two texts have in common within 0.05. With the table that finds them
(quality/bands) that is 133 bytes an answer: a million answers take 133 MB.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct
from typing import Any

from asyncsynth.quality.bands import Part, bands_of, rows_of_a_band
from asyncsynth.quality.gates import Rejection
from asyncsynth.quality.sketch import PERMUTATIONS, sketch_of

BYTES = PERMUTATIONS // 2  # of a sketch
_MINIMA = Struct(f"<{PERMUTATIONS}I")
_LOWEST_OF_FOUR = int.from_bytes(b"\x11" * BYTES)
_BY_CHANCE = 1 / 16  # four bits are the same


class EarlierAnswers:
    """The answers so far, but for those that repeated another one: they say nothing new."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._rows = rows_of_a_band(threshold)
        self._parts: list[tuple[Part, bytearray]] = []

    def add(self, text: str) -> Rejection | None:
        """Whether this answer, if it has a word, nearly repeats an earlier one; if not, it is remembered."""
        sketch = sketch_of(text)
        if sketch is None:
            return None
        minima = minima_of(sketch)
        bands, bits = bands_of(minima, self._rows), bits_of(minima)
        if not self._parts or self._parts[-1][0].full:
            self._parts.append((Part(), bytearray()))
        *full, (newest, kept) = self._parts
        for part, others in full:
            if (share := self._shared(bits, others, part.met(bands))) is not None:
                return _rejection(share)
        if (share := self._shared(bits, kept, newest.enter(bands))) is not None:
            newest.take_back(bands)
            return _rejection(share)
        kept += bits
        return None

    def _shared(self, bits: bytes, kept: bytearray, places: Iterable[int]) -> float | None:
        """With the first of these that it nearly repeats; None: with none."""
        for place in places:
            share = share_of(bits, kept[place * BYTES : (place + 1) * BYTES])
            if share >= self._threshold:
                return share
        return None


def _rejection(share: float) -> Rejection:
    return Rejection("duplicate", f"repeats an earlier answer: {share:.0%} of the wording is the same")


def minima_of(sketch: Any) -> bytes:
    """Its minima, of four bytes each, in which the lowest come first."""
    return _MINIMA.pack(*sketch.digest())


def bits_of(minima: bytes) -> bytes:
    """The lowest four bits of each: the second hexadecimal digit of its lowest byte."""
    return bytes.fromhex(minima[::4].hex()[1::2])


def share_of(bits: bytes, other: bytes | bytearray) -> float:
    """What two texts have in common of what either has, by their bits: as close as 128 minima can tell."""
    differing = int.from_bytes(bits) ^ int.from_bytes(other)
    differing |= differing >> 2
    differing |= differing >> 1
    same = 1 - (differing & _LOWEST_OF_FOUR).bit_count() / PERMUTATIONS
    return max((same - _BY_CHANCE) / (1 - _BY_CHANCE), 0.0)
