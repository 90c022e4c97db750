from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.servers.simulator.windows import Bucket, FixedWindow, SlidingWindow, Window

# Eighths of a second are exact floats, so that "until just before" can be asserted.
# Among them a whole minute, for the very end of a window.
steps_between = st.sampled_from([0, 1, 7, 100, 240, 480])
arrivals = st.lists(st.tuples(steps_between, st.integers(1, 12)), max_size=60)
WINDOWS: dict[str, Callable[[], Window]] = {
    "sliding": lambda: SlidingWindow(10),
    "fixed": lambda: FixedWindow(10),
    "bucket": lambda: Bucket(10, 60.0),
}


def admitted(window: Window, steps: list[tuple[int, int]]) -> list[tuple[float, int]]:
    now, taken = 1000.0, []
    for step, amount in steps:
        now += step / 8
        if window.wait(now, amount) == 0:
            window.take(now, amount)
            taken.append((now, amount))
    return taken


@given(arrivals)
def test_sliding_window_admits_exactly_what_fits_into_the_last_60_seconds(steps: list[tuple[int, int]]) -> None:
    window, now = SlidingWindow(10), 1000.0
    taken: list[tuple[float, int]] = []
    for step, amount in steps:
        now += step / 8
        used = sum(size for at, size in taken if now - at < 60)
        assert window.remaining(now) == 10 - used
        fits = window.wait(now, amount) == 0
        assert fits == (used + amount <= 10)
        if fits:
            window.take(now, amount)
            taken.append((now, amount))


@pytest.mark.parametrize("kind", WINDOWS)
@given(steps=arrivals)
def test_refused_calls_fit_after_the_wait_and_not_before(kind: str, steps: list[tuple[int, int]]) -> None:
    window, now = WINDOWS[kind](), 1000.0
    for step, amount in steps:
        now += step / 8
        wait = window.wait(now, amount)
        if wait == 0:
            window.take(now, amount)
        elif amount > 10:
            assert math.isinf(wait)
        else:
            assert window.wait(now + wait - 1 / 64, amount) > 0
            now += wait
            assert window.wait(now, amount) == 0


@given(arrivals)
def test_fixed_window_counts_from_one_full_minute_to_the_next(steps: list[tuple[int, int]]) -> None:
    minutes: dict[int, int] = {}
    for at, amount in admitted(FixedWindow(10), steps):
        minutes[int(at // 60)] = minutes.get(int(at // 60), 0) + amount
    assert all(used <= 10 for used in minutes.values())


def test_fixed_window_admits_twice_its_limit_across_a_full_minute() -> None:
    window = FixedWindow(5)
    assert len(admitted(window, [(8 * 19, 1), *[(0, 1)] * 5, (8, 1), *[(0, 1)] * 5])) == 10


@given(arrivals)
def test_bucket_never_admits_more_than_its_size_and_what_was_refilled(steps: list[tuple[int, int]]) -> None:
    taken = admitted(Bucket(30, 20.0), steps)  # holds 10, half of one a second
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            span = taken[last][0] - taken[first][0]
            assert sum(amount for _, amount in taken[first : last + 1]) <= 10 + span * 0.5 + 1e-6


def test_bucket_of_ten_seconds_admits_a_tenth_of_a_second_each_after_its_burst() -> None:
    window, now, times = Bucket(600, 10.0), 0.0, []
    for _ in range(200):
        now += window.wait(now, 1)
        window.take(now, 1)
        times.append(now)
    assert times[99] == 0.0
    assert all(later - earlier == pytest.approx(0.1) for earlier, later in pairwise(times[99:]))
