"""One time limit for many futures with one timer; a timer for each costs a call two microseconds more."""

from __future__ import annotations

import asyncio
from typing import Any


class Deadlines:
    """Ends futures that are watched for longer than `timeout_s` with a TimeoutError."""

    __slots__ = ("_due", "_loop", "_timeout_s", "_timer")

    def __init__(self, timeout_s: float, loop: asyncio.AbstractEventLoop) -> None:
        self._timeout_s = timeout_s
        self._loop = loop
        self._due: dict[asyncio.Future[Any], float] = {}  # in the order of their ends, all limits being equal
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, future: asyncio.Future[Any]) -> None:
        self._due[future] = due = self._loop.time() + self._timeout_s
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._sweep)

    def forget(self, future: asyncio.Future[Any]) -> None:
        self._due.pop(future, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _sweep(self) -> None:
        now = self._loop.time()
        while self._due:
            future, due = next(iter(self._due.items()))
            if due > now:
                self._timer = self._loop.call_at(due, self._sweep)
                return
            del self._due[future]
            if not future.done():
                future.set_exception(TimeoutError())
        self._timer = None
