"""The log is exact within its grouping, and bounded."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.pace.sliding_log import GROUP_S, SlidingLog


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 100)), max_size=60))
def test_what_is_counted_is_what_was_taken_in_the_window(steps: list[tuple[float, int]]) -> None:
    """Never less; more only by what left within the time of one group."""
    log, now = SlidingLog(10.0), 0.0
    taken: list[tuple[float, int]] = []
    for pause, amount in steps:
        now += pause
        used = log.used(now)
        assert used >= sum(amount for at, amount in taken if at > now - 10.0)
        assert used <= sum(amount for at, amount in taken if at > now - 10.0 - GROUP_S)
        log.add(amount, now)
        taken.append((now, amount))


def half_a_second_apart(amounts: list[int]) -> SlidingLog:
    log = SlidingLog(10.0)
    for number, amount in enumerate(amounts):
        log.add(amount, number * 0.5)
    return log


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20), st.integers(0, 100))
def test_time_until_is_when_it_becomes_true(amounts: list[int], target: int) -> None:
    log = half_a_second_apart(amounts)
    now = len(amounts) * 0.5
    wait = log.time_until(target, now)
    assert log.time_until(target, now + wait + 1e-9) == 0.0
    if wait > 0:
        assert half_a_second_apart(amounts).used(now + wait - 1e-6) > target


def test_what_can_never_be_is_infinitely_far() -> None:
    assert SlidingLog(10.0).time_until(-1, 0.0) == math.inf


def test_a_correction_counts_until_its_entry_leaves() -> None:
    log = SlidingLog(10.0)
    entry = log.add(50, 0.0)
    log.correct(entry, -20)
    assert log.used(9.9) == 30
    assert log.used(10.1) == 0
    log.correct(entry, -5)
    assert log.used(10.1) == 0


def test_memory_is_bounded_whatever_the_rate() -> None:
    log = SlidingLog(1.0)
    for number in range(100_000):
        log.add(1, number / 100_000)
    assert len(log._entries) <= 1.0 / GROUP_S + 1
