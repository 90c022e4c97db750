"""The virtual clock with a seeded order of what is ready: the same seed, the same interleaving.

Within one iteration of the loop, callbacks that are ready together run in any order, as they would if each had been
woken by a socket of its own. What is scheduled by one of them still runs in a later iteration, as in asyncio.
"""

from __future__ import annotations

import random
import selectors
from collections import deque

from tests.virtual_clock import Deadlock, VirtualClockLoop

MOST_ITERATIONS = 3_000_000


class Hang(Exception):
    """Time or work without an end: something turns in circles or waits for what is too far away."""


class ShuffledLoop(VirtualClockLoop):
    """`start` and `deadline` are times on the virtual clock, in seconds; past the deadline a Hang is raised."""

    def __init__(self, rng: random.Random, *, start: float, deadline: float, shuffle: bool) -> None:
        super().__init__(start)
        self._rng = rng
        self._deadline = deadline
        self._shuffle = shuffle
        self._iterations = 0
        self._ready: deque[object]  # BaseEventLoop's own queue of handles

    def _process_events(self, event_list: list[tuple[selectors.SelectorKey, int]]) -> None:
        """Called once an iteration, after select: shuffles what is ready."""
        super()._process_events(event_list)  # type: ignore[misc]  # typeshed leaves BaseEventLoop's inside out
        self._iterations += 1
        if self.time() > self._deadline or self._iterations > MOST_ITERATIONS:
            raise Hang(f"still running at {self.time():.3f} s, after {self._iterations} iterations")
        if self._shuffle and len(self._ready) > 1:
            handles = list(self._ready)
            self._rng.shuffle(handles)
            self._ready.clear()
            self._ready.extend(handles)


__all__ = ["Deadlock", "Hang", "ShuffledLoop"]
