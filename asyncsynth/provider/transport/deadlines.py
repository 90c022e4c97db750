"""One time limit for many futures with one timer; a timer for each costs a call two microseconds more."""

from __future__ import annotations

import asyncio
from typing import Any

LATE_S = 0.2  # a timer that fires so much later than it was set for: this process was stopped, or had no turn
GRACE_S = 5.0  # after that, in which what came meanwhile is read


class Deadlines:
    """Ends futures that are watched for longer than `timeout_s` with a TimeoutError.

    After a stall of this very process nothing ends before the event loop had the time to read what has arrived: it is
    paid, and it was there in time.
    """

    __slots__ = ("_due", "_grace", "_grace_s", "_loop", "_timeout_s", "_timer", "_wakes_at")

    def __init__(self, timeout_s: float, loop: asyncio.AbstractEventLoop) -> None:
        self._timeout_s = timeout_s
        self._grace_s = min(GRACE_S, timeout_s)
        self._loop = loop
        self._due: dict[asyncio.Future[Any], float] = {}  # in the order of their ends, all limits being equal
        self._grace = False  # nobody is given it twice running, or nothing would ever end on a machine that is too slow
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = 0.0

    def watch(self, future: asyncio.Future[Any]) -> None:
        self._due[future] = due = self._loop.time() + self._timeout_s
        if self._timer is None:
            self._wake_at(due)

    def forget(self, future: asyncio.Future[Any]) -> None:
        self._due.pop(future, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _wake_at(self, when: float) -> None:
        self._wakes_at = when
        self._timer = self._loop.call_at(when, self._sweep)

    def _sweep(self) -> None:
        now = self._loop.time()
        self._grace = not self._grace and now - self._wakes_at > LATE_S
        if self._grace:
            self._wake_at(now + self._grace_s)
            return
        while self._due:
            future, due = next(iter(self._due.items()))
            if due > now:
                self._wake_at(due)
                return
            del self._due[future]
            if not future.done():
                future.set_exception(TimeoutError())
        self._timer = None
