"""What is still to be made, handed out to workers: new things first come, first served, and those that were put aside.

What waits is handed out again when it is released; or one by one when nobody is at work any more who could bring the
release. What is parked only comes back when it is released.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Backlog(Generic[T]):
    """`room` new things at most; whoever puts more waits until half of them are taken: one wake-up for many."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._new: deque[T] = deque()
        self._released: deque[T] = deque()
        self._waiting: deque[T] = deque()
        self.parked: deque[T] = deque()
        self._takers: deque[asyncio.Future[T | None]] = deque()
        self._half_empty = asyncio.Event()
        self._at_work = 0
        self._closed = False  # nothing new comes any more

    @property
    def has_new(self) -> bool:
        return bool(self._new)

    @property
    def holds_aside(self) -> bool:
        return bool(self._waiting) or bool(self.parked)

    async def put(self, new: T) -> None:
        """Add something new."""
        if len(self._new) >= self._room:
            self._half_empty.clear()
            await self._half_empty.wait()
        self._new.append(new)
        if self._takers:
            self._serve()

    def close(self) -> None:
        """Nothing new comes any more."""
        self._closed = True
        self._serve()

    def stop(self) -> None:
        """Hand nothing out any more; who takes gets None."""
        for things in (self._new, self._released, self._waiting, self.parked):
            things.clear()
        self._closed = True
        while self._takers:
            taker = self._takers.popleft()
            if not taker.done():
                taker.set_result(None)

    async def take(self) -> T | None:
        """The next thing, to be followed by one done(); None: there is nothing, and there won't be."""
        if (thing := self._next()) is not None:
            return thing
        if self._finished:
            return None
        taker: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self._takers.append(taker)
        return await taker

    def done(self) -> None:
        """What was taken has its end, or was put aside."""
        self._at_work -= 1
        if not self._at_work and self._closed:
            self._serve()

    def wait(self, thing: T) -> None:
        """Put aside until release(), or until nobody is at work."""
        self._waiting.append(thing)

    def park(self, thing: T) -> None:
        """Put aside until release()."""
        self.parked.append(thing)

    def release(self, which: Callable[[T], bool]) -> None:
        """What was put aside and is meant goes before all that is new."""
        for aside in (self._waiting, self.parked):
            self._released.extend(filter(which, aside))
            left = [thing for thing in aside if not which(thing)]
            aside.clear()
            aside.extend(left)
        self._serve()

    @property
    def _finished(self) -> bool:
        return self._closed and not self._at_work

    def _next(self) -> T | None:
        if self._released:
            thing = self._released.popleft()
        elif self._new:
            thing = self._new.popleft()
            if len(self._new) == self._room // 2:
                self._half_empty.set()
        elif self._waiting and self._finished:
            thing = self._waiting.popleft()
        else:
            return None
        self._at_work += 1
        return thing

    def _serve(self) -> None:
        while self._takers:
            if self._takers[0].done():  # cancelled
                self._takers.popleft()
            elif (thing := self._next()) is not None:
                self._takers.popleft().set_result(thing)
            elif self._finished:
                self._takers.popleft().set_result(None)
            else:
                return
