"""The virtual clock with a seeded order of what is ready: the same seed, the same interleaving.

Within one iteration of the loop, callbacks that are ready together run in any order, as they would if each had been
woken by a socket of its own. What is scheduled by one of them still runs in a later iteration, as in asyncio.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections import deque
from typing import Any

from tests.virtual_clock import VirtualClockLoop

MOST_ITERATIONS = 3_000_000


class Hang(Exception):
    """Time or work without an end: something turns in circles or waits for what is too far away."""


class NumberedTask(asyncio.Task[Any]):
    """Its hash is its number: a TaskGroup cancels a set of tasks, whose order is else that of addresses."""

    def __init__(self, coroutine: Any, *, number: int, **options: Any) -> None:
        self._number = number
        super().__init__(coroutine, **options)

    def __hash__(self) -> int:
        return self._number

    __eq__ = object.__eq__


class ShuffledLoop(VirtualClockLoop):
    """`start` and `deadline` are times on the virtual clock, in seconds; past the deadline a Hang is raised."""

    def __init__(self, rng: random.Random, *, start: float, deadline: float, shuffle: bool) -> None:
        super().__init__(start)
        self._rng = rng
        self._deadline = deadline
        self._shuffle = shuffle
        self._iterations = 0
        self._ready: deque[object]  # BaseEventLoop's own queue of handles
        self._tasks_made = 0
        self.set_task_factory(self._new_task)

    def _new_task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> NumberedTask:
        self._tasks_made += 1
        return NumberedTask(coroutine, number=self._tasks_made, loop=loop, **options)

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
