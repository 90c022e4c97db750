"""Answers that nearly repeat an earlier one of their step, in the order in which they are kept.

Of an answer's sketch (quality/sketch) 64 bytes are kept: the lowest four bits of each minimum (Li and König, b-bit
minwise hashing, 2010), which tell the share that two texts have in common within 0.05. With the table that finds them
(quality/bands) that is 133 bytes an answer: a million answers take 133 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Any

from asyncsynth.quality.bands import Part, bands_of, rows_of_a_band
from asyncsynth.quality.gates import Rejection
from asyncsynth.quality.sketch import PERMUTATIONS, sketch_of

BYTES = PERMUTATIONS // 2  # of a sketch
_MINIMA = Struct(f"<{PERMUTATIONS}I")
_LOW_HALVES = int.from_bytes(b"\x0f" * PERMUTATIONS)
_LOWEST_OF_FOUR = int.from_bytes(b"\x11" * BYTES)
_BY_CHANCE = 1 / 16  # four bits are the same


class Seen:
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
        for part, kept in self._parts:
            for place in part.met(bands):
                share = share_of(bits, int.from_bytes(kept[place * BYTES : (place + 1) * BYTES]))
                if share >= self._threshold:
                    return Rejection("duplicate", f"repeats an earlier answer: {share:.0%} of the wording is the same")
        self._remember(bands, bits)
        return None

    def _remember(self, bands: Sequence[int], bits: int) -> None:
        if not self._parts or self._parts[-1][0].full:
            self._parts.append((Part(), bytearray()))
        part, kept = self._parts[-1]
        part.add(bands)
        kept += bits.to_bytes(BYTES)


def minima_of(sketch: Any) -> bytes:
    """Its minima, of four bytes each, in which the lowest come first."""
    return _MINIMA.pack(*sketch.digest())


def bits_of(minima: bytes) -> int:
    """The lowest four bits of each."""
    bytes_of_each = int.from_bytes(minima[::4]) & _LOW_HALVES
    return int.from_bytes((bytes_of_each | bytes_of_each >> 4).to_bytes(PERMUTATIONS)[1::2])


def share_of(bits: int, other: int) -> float:
    """What two texts have in common of what either has, by their bits: as close as 128 minima can tell."""
    differing = bits ^ other
    differing |= differing >> 2
    differing |= differing >> 1
    same = 1 - (differing & _LOWEST_OF_FOUR).bit_count() / PERMUTATIONS
    return max((same - _BY_CHANCE) / (1 - _BY_CHANCE), 0.0)
