"""The newest answers of a run that works, and how alike they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from asyncsynth.quality.collapse import opening_of
from asyncsynth.quality.sketch import share_with_a_double, sketch_of

NEWEST = 500  # answers
FEWEST = 100  # fewer tell nothing yet


class Look(NamedTuple):
    """Shares from 0 to 1: of answers that nearly repeat another one, and of the most common opening."""

    near_duplicates: float
    opening: float


class Window:
    """Keeps texts as they come, for nothing; a look costs about 0.1 ms for each that is new since the last one."""

    def __init__(self) -> None:
        self.texts: deque[str] = deque(maxlen=NEWEST)
        self.added = 0
        self._sketches: deque[Any] = deque(maxlen=NEWEST)
        self._sketched = 0

    def add(self, text: str) -> None:
        self.texts.append(text)
        self.added += 1

    def look(self) -> Look | None:
        """None: there are too few yet."""
        if len(self.texts) < FEWEST:
            return None
        new = min(self.added - self._sketched, len(self.texts))
        self._sketches.extend(sketch_of(self.texts[place]) for place in range(-new, 0))
        self._sketched = self.added
        return Look(share_with_a_double(self._sketches), opening_of(self.texts).share)


def why_stop(look: Look, stop_when: Mapping[str, float]) -> str | None:
    """What has reached its bound, in words; None: nothing."""
    for name, bound in stop_when.items():
        share = getattr(look, name)
        if share >= bound:
            return f"quality.stop_when.{name} = {bound:g} is reached: it is {share:.0%} of the newest answers"
    return None
