"""Answers that nearly repeat an earlier one of their step, in the order in which they are kept."""

from __future__ import annotations

from typing import Any

from asyncsynth.quality.gates import Rejection
from asyncsynth.quality.sketch import sketch_of


class Seen:
    """The answers so far."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._sketches: list[Any] = []

    def add(self, text: str) -> Rejection | None:
        """Whether this answer nearly repeats an earlier one, which it does not where it has no word; remembers it."""
        sketch = sketch_of(text)
        if sketch is None:
            return None
        share = max((sketch.jaccard(other) for other in self._sketches), default=0.0)
        self._sketches.append(sketch)
        if share < self._threshold:
            return None
        return Rejection("duplicate", f"shares {share:.0%} of its runs of three words with an earlier answer")
