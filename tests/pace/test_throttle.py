"""One cut per cascade, and the way back."""

from __future__ import annotations

import math

import pytest

from asyncsynth.pace.throttle import FIRST_INTERVAL_S, LONE_AFTER, LOWEST, Throttle


def test_each_cut_takes_a_fifth() -> None:
    throttle = Throttle()
    throttle.cut(1.0)
    assert throttle.factor(1.0) == pytest.approx(0.8)
    throttle.cut(1.5)
    assert throttle.factor(1.5) == pytest.approx(0.64)


def test_full_speed_is_back_after_four_clean_intervals() -> None:
    throttle = Throttle()
    throttle.cut(0.0)
    factors = [throttle.factor(FIRST_INTERVAL_S * steps) for steps in range(6)]
    assert factors == pytest.approx([0.8, 0.85, 0.9, 0.95, 1.0, 1.0])


def test_cut_after_cut_it_comes_back_more_slowly_but_never_stops() -> None:
    throttle = Throttle()
    for second in range(50):
        throttle.cut(float(second))
    assert throttle.factor(49.0) == pytest.approx(LOWEST)
    assert throttle.factor(49.0 + 8 * FIRST_INTERVAL_S) == pytest.approx(LOWEST)
    assert throttle.factor(49.0 + 1_000.0) == 1.0


def test_time_in_which_nothing_is_sent_is_not_clean_time() -> None:
    throttle = Throttle()
    throttle.cut(0.0)
    throttle.hold(2.0, until=math.inf)
    assert throttle.factor(500.0) == pytest.approx(0.85)
    throttle.resume(500.0)
    assert throttle.factor(502.0) == pytest.approx(0.9)


def test_the_time_to_the_next_step_is_told() -> None:
    throttle = Throttle()
    assert throttle.time_to_next_step(0.0) == math.inf
    throttle.cut(10.0)
    assert throttle.time_to_next_step(10.5) == pytest.approx(1.5)
    throttle.hold(10.5, until=20.0)
    assert throttle.time_to_next_step(15.0) == pytest.approx(7.0)
    throttle.hold(15.0, until=math.inf)
    assert throttle.time_to_next_step(16.0) == math.inf


def test_a_refusal_among_many_answers_hardly_cuts_and_few_answers_do_not_count() -> None:
    lone, crowd = Throttle(), Throttle()
    lone.answers, crowd.answers = LONE_AFTER, LONE_AFTER - 1
    lone.cut(1.0)
    crowd.cut(1.0)
    assert (lone.factor(1.0), crowd.factor(1.0)) == pytest.approx((0.95, 0.8))
    assert lone.answers == 0


def test_lone_refusals_do_not_slow_the_way_back_and_do_not_quicken_it() -> None:
    throttle = Throttle()
    throttle.cut(0.0)
    throttle.cut(1.0)  # soon after: the interval doubles
    for second in (2.0, 3.0, 4.0):
        throttle.answers = LONE_AFTER
        throttle.cut(second)
    before = throttle.factor(4.0)
    assert throttle.factor(4.0 + 2 * FIRST_INTERVAL_S - 0.1) == pytest.approx(before)
    assert throttle.factor(4.0 + 2 * FIRST_INTERVAL_S) == pytest.approx(before + 0.05)
