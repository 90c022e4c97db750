"""One timer for all calls: each ends at its own time, and those that ended are let go."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from typing import Any, cast

import pytest

from asyncsynth.provider.transport.deadlines import GRACE_S, LATE_S, Deadlines


class Clock:
    """What Deadlines wants of a loop, with a time that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], None]) -> Any:
        heapq.heappush(self.timers, (when, callback))
        return self

    def cancel(self) -> None:
        self.timers.clear()

    def stall(self, to: float) -> None:
        """The process is stopped until then; all timers that were due fire at once."""
        self.now = to
        due = [callback for when, callback in self.timers if when <= to]
        self.timers = [(when, callback) for when, callback in self.timers if when > to]
        for callback in due:
            callback()

    def advance(self, to: float) -> None:
        while self.timers and self.timers[0][0] <= to:
            self.now, callback = heapq.heappop(self.timers)
            callback()
        self.now = to


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deadlines(clock: Clock) -> Deadlines:
    return Deadlines(10.0, cast(asyncio.AbstractEventLoop, clock))


def watched(deadlines: Deadlines) -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    deadlines.watch(future)
    return future


async def test_each_future_ends_at_its_own_time(clock: Clock, deadlines: Deadlines) -> None:
    first = watched(deadlines)
    clock.advance(103.0)
    second = watched(deadlines)
    clock.advance(109.9)
    assert not first.done()
    clock.advance(110.0)
    assert isinstance(first.exception(), TimeoutError)
    assert not second.done()
    clock.advance(113.0)
    assert isinstance(second.exception(), TimeoutError)


async def test_what_is_forgotten_or_done_is_left_alone(clock: Clock, deadlines: Deadlines) -> None:
    forgotten, done, late = watched(deadlines), watched(deadlines), watched(deadlines)
    deadlines.forget(forgotten)
    done.set_result(None)
    clock.advance(110.0)
    assert not forgotten.done()
    assert done.exception() is None
    assert isinstance(late.exception(), TimeoutError)


async def test_there_is_one_timer_and_none_where_nothing_is_watched(clock: Clock, deadlines: Deadlines) -> None:
    futures = [watched(deadlines) for _ in range(5)]
    assert len(clock.timers) == 1
    for future in futures:
        deadlines.forget(future)
    clock.advance(110.0)
    assert clock.timers == []
    late = watched(deadlines)
    clock.advance(120.0)
    assert isinstance(late.exception(), TimeoutError)


async def test_closing_ends_the_timer(clock: Clock, deadlines: Deadlines) -> None:
    watched(deadlines)
    deadlines.close()
    assert clock.timers == []


async def test_after_a_stall_what_has_arrived_is_read_first(clock: Clock, deadlines: Deadlines) -> None:
    """Replies that wait in the sockets are paid, and came in time; only who reads them was not there."""
    arrived, lost = watched(deadlines), watched(deadlines)
    clock.stall(500.0)
    arrived.set_result(None)  # the event loop's next turn
    clock.advance(500.0 + GRACE_S)
    assert arrived.exception() is None
    assert isinstance(lost.exception(), TimeoutError)


async def test_those_whose_time_ends_in_the_grace_after_a_stall_wait_for_its_end(
    clock: Clock, deadlines: Deadlines
) -> None:
    watched(deadlines)
    clock.advance(102.0)
    second = watched(deadlines)
    clock.stall(111.0)
    clock.advance(111.0 + GRACE_S - 0.1)
    assert not second.done()
    clock.advance(111.0 + GRACE_S)
    assert isinstance(second.exception(), TimeoutError)


async def test_a_little_late_is_no_stall(clock: Clock, deadlines: Deadlines) -> None:
    future = watched(deadlines)
    clock.stall(110.0 + LATE_S / 2)
    assert isinstance(future.exception(), TimeoutError)


async def test_calls_end_on_a_machine_that_is_always_late(clock: Clock, deadlines: Deadlines) -> None:
    future = watched(deadlines)
    for _ in range(2):
        clock.stall(clock.now + 100.0)
    assert isinstance(future.exception(), TimeoutError)


async def test_the_grace_is_never_longer_than_the_time_of_a_call(clock: Clock) -> None:
    deadlines = Deadlines(1.0, cast(asyncio.AbstractEventLoop, clock))
    future = watched(deadlines)
    clock.stall(200.0)
    clock.advance(201.0)
    assert isinstance(future.exception(), TimeoutError)
