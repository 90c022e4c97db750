"""First come, first served, with a bounded look-ahead."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence

import pytest

from asyncsynth.pace.line import LOOK_AHEAD, MOST_PASSES, Line, Waiter
from asyncsynth.values import Need


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def line_of(loop: asyncio.AbstractEventLoop, *tokens: int) -> Line:
    line = Line()
    for amount in tokens:
        line.append(Waiter([Need(amount, None)], loop.create_future()))
    return line


def tokens_of(needs: Sequence[Need | None]) -> int:
    (need,) = needs
    assert need is not None
    return need.tokens


def picked(line: Line, fits: int) -> int | None:
    place, _ = line.first_that_fits(lambda needs: 0.0 if tokens_of(needs) <= fits else 1.0)
    return None if place is None else tokens_of(line.take(place).needs)


def test_who_fits_is_served_in_order(loop: asyncio.AbstractEventLoop) -> None:
    line = line_of(loop, 1, 2, 3)
    assert [picked(line, 10) for _ in range(3)] == [1, 2, 3]
    assert len(line) == 0


def test_who_was_refused_goes_before_all(loop: asyncio.AbstractEventLoop) -> None:
    line = line_of(loop, 1, 2)
    line.push_first(Waiter([Need(9, None)], loop.create_future()))
    assert [picked(line, 10) for _ in range(3)] == [9, 1, 2]


def test_one_that_fits_may_pass_one_that_does_not(loop: asyncio.AbstractEventLoop) -> None:
    line = line_of(loop, 100, 1)
    assert picked(line, 10) == 1
    assert line.first.passed == 1


def test_look_ahead_ends_after_16(loop: asyncio.AbstractEventLoop) -> None:
    assert picked(line_of(loop, *[100] * LOOK_AHEAD, 1), 10) == 1
    assert picked(line_of(loop, *[100] * (LOOK_AHEAD + 1), 1), 10) is None


def test_nobody_is_passed_more_than_64_times(loop: asyncio.AbstractEventLoop) -> None:
    line = line_of(loop, 100, *[1] * (MOST_PASSES + 10))
    served = [picked(line, 10) for _ in range(MOST_PASSES + 10)]
    assert served == [1] * MOST_PASSES + [None] * 10
    assert picked(line, 100) == 100


def test_nobody_passes_one_whose_wait_has_no_known_end(loop: asyncio.AbstractEventLoop) -> None:
    line = line_of(loop, 100, 1)
    assert line.first_that_fits(lambda needs: 0.0 if tokens_of(needs) == 1 else math.inf) == (None, math.inf)


def test_the_shortest_wait_in_sight_is_told(loop: asyncio.AbstractEventLoop) -> None:
    assert line_of(loop, 9, 3, 7).first_that_fits(lambda needs: float(tokens_of(needs))) == (None, 3.0)


def test_who_gave_up_is_out_of_the_line(loop: asyncio.AbstractEventLoop) -> None:
    line = line_of(loop, 1, 2)
    first = line.first
    assert line.remove(first) is True
    assert line.remove(first) is False
    assert picked(line, 10) == 2
