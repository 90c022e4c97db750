"""A line for each set of endpoints: who waits for one holds up nobody whom another one serves."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence

import pytest

from asyncsynth.pace.line import LOOK_AHEAD, MOST_PASSES, Waiter
from asyncsynth.pace.lines import Lines
from asyncsynth.values import Need

A, B, BOTH = (0,), (1,), (0, 1)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


class Waiting:
    """Waiters who come in the order in which they are named, each with its endpoints and tokens."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.lines, self._loop = Lines(), loop
        self._names: dict[Waiter, str] = {}

    def come(self, name: str, places: tuple[int, ...], tokens: int = 1, *, first: bool = False) -> Waiter:
        waiter = Waiter(
            [Need(tokens, None) if place in places else None for place in range(2)], self._loop.create_future()
        )
        self._names[waiter] = name
        self.lines.add(waiter, first=first)
        return waiter

    def next(self, ready: Sequence[int], fits: int = 10, otherwise: float = 1.0) -> str | None:
        def wait_of(able: Sequence[int], needs: Sequence[Need | None]) -> float:
            tokens = [need.tokens for place in able if (need := needs[place]) is not None]
            return 0.0 if min(tokens) <= fits else otherwise

        waiter, _ = self.lines.take_next(ready, wait_of)
        return None if waiter is None else self._names[waiter]


@pytest.fixture
def waiting(loop: asyncio.AbstractEventLoop) -> Waiting:
    return Waiting(loop)


def test_a_busy_endpoints_line_holds_up_nobody(waiting: Waiting) -> None:
    for number in range(2 * LOOK_AHEAD):
        waiting.come(f"a{number}", A)
    waiting.come("b", B)
    assert waiting.next([1]) == "b"
    assert waiting.next([1]) is None
    assert waiting.next([0]) == "a0"


def test_who_came_first_goes_first_where_all_need_the_same_number(waiting: Waiting) -> None:
    for name, places in (("1", A), ("2", B), ("3", A)):
        waiting.come(name, places)
    assert [waiting.next([0, 1]) for _ in range(3)] == ["1", "2", "3"]


def test_the_least_flexible_goes_first_and_leaves_the_other_endpoint_to_the_others(waiting: Waiting) -> None:
    waiting.come("both", BOTH)
    waiting.come("a", A)
    assert waiting.next([0]) == "a"
    assert waiting.next([0]) == "both"


def test_who_was_refused_goes_before_all_lines(waiting: Waiting) -> None:
    waiting.come("a", A)
    waiting.come("again", BOTH, first=True)
    assert waiting.next([0]) == "again"


@pytest.mark.parametrize("tokens", [1, 100], ids=["could go", "does not fit"])
def test_nobody_is_passed_more_than_64_times_by_other_lines(waiting: Waiting, tokens: int) -> None:
    waiting.come("both", BOTH, tokens)
    for _ in range(MOST_PASSES + 5):
        waiting.come("a", A)
    assert [waiting.next([0]) for _ in range(MOST_PASSES)] == ["a"] * MOST_PASSES
    assert waiting.next([0], fits=10) == ("both" if tokens == 1 else None)
    assert waiting.next([0], fits=100) == ("both" if tokens == 100 else "a")


def test_a_line_that_is_held_up_for_long_keeps_only_its_own_endpoints(waiting: Waiting) -> None:
    waiting.come("long", A, 100).passed = MOST_PASSES
    waiting.come("both", BOTH)
    assert waiting.next([0]) is None
    assert waiting.next([0, 1]) == "both"


def test_nobody_in_any_line_passes_one_whose_wait_has_no_known_end(waiting: Waiting) -> None:
    waiting.come("much money", A, 100)
    waiting.come("b", B)
    assert waiting.next([0, 1], otherwise=math.inf) is None


def test_the_number_of_those_who_wait_is_right_whoever_goes(waiting: Waiting) -> None:
    gone = waiting.come("gone", A)
    waiting.come("b", B)
    waiting.come("a", A)
    assert waiting.lines.waiting == len(list(waiting.lines)) == 3
    assert waiting.lines.remove(gone)
    assert not waiting.lines.remove(gone)
    assert waiting.next([0, 1]) == "b"
    (line,) = waiting.lines.each
    waiting.lines.pop_first(line)
    assert waiting.lines.waiting == len(list(waiting.lines)) == 0
