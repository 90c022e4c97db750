"""An event loop on a virtual clock: when nothing is ready, time jumps to the next timer; nothing real is waited for.

Each select ticks a microsecond, because some code (aiolimiter) re-arms a timer for "now", which a frozen clock never
passes.
Where nothing is ready and no timer is set, a Deadlock is raised: in the real world that run would hang.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
TICK_S = 1e-6


class Deadlock(Exception):
    """Every task waits for something that nothing is going to bring."""


class _TimeIsTheOnlyEvent(selectors.SelectSelector):
    """A selector that never sees I/O: waiting for it is what moves the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Deadlock(f"nothing is scheduled at {self.now:.6f} s")
        self.now += max(timeout, 0.0) + TICK_S
        return []


class VirtualClockLoop(asyncio.SelectorEventLoop):
    """`start` is what time() says at first, in seconds."""

    def __init__(self, start: float = 0.0) -> None:
        self._virtual = _TimeIsTheOnlyEvent()
        self._virtual.now = start
        super().__init__(self._virtual)
        self._clock_resolution = 0.0

    def time(self) -> float:
        return self._virtual.now


def run(main: Callable[[], Coroutine[Any, Any, T]], *, start: float = 0.0) -> T:
    """What `await main()` returns, on a virtual clock of its own; raises Deadlock where it would hang."""
    with asyncio.Runner(loop_factory=lambda: VirtualClockLoop(start)) as runner:
        return runner.run(main())
