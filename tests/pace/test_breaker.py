"""The breaker holds a flood back with single probes, and closes by itself."""

from __future__ import annotations

import math

from asyncsynth.pace.breaker import (
    FIRST_SPACING_S,
    LONGEST_SPACING_S,
    PATIENCE_S,
    PROBES_TO_CLOSE,
    WINDOW,
    Breaker,
    Cause,
)


def opened(cause: Cause = Cause.OVERLOADED) -> Breaker:
    breaker = Breaker()
    for _ in range(WINDOW):
        breaker.on_failure(cause, probe=False, now=0.0)
    assert breaker.cause is not None
    return breaker


def probe(breaker: Breaker, now: float, *, good: bool) -> None:
    assert breaker.wait(now) == 0.0
    breaker.on_probe(now)
    if good:
        breaker.on_answer(probe=True, now=now)
    else:
        breaker.on_failure(Cause.OVERLOADED, probe=True, now=now)


def test_most_of_the_last_20_overloaded_open_it() -> None:
    breaker = Breaker()
    for number in range(WINDOW - 1):
        breaker.on_failure(Cause.OVERLOADED, probe=False, now=float(number))
    assert breaker.cause is None
    breaker.on_failure(Cause.OVERLOADED, probe=False, now=20.0)
    assert breaker.cause is not None


def test_half_of_the_last_20_overloaded_do_not_open_it() -> None:
    breaker = Breaker()
    for _ in range(100):
        breaker.on_answer(probe=False, now=0.0)
        breaker.on_failure(Cause.OVERLOADED, probe=False, now=0.0)
    assert breaker.cause is None
    breaker.on_failure(Cause.OVERLOADED, probe=False, now=0.0)
    assert breaker.cause is not None


def test_one_429_lets_a_single_probe_go_first() -> None:
    breaker = Breaker()
    breaker.on_failure(Cause.LIMITED, probe=False, now=0.0)
    assert breaker.wait(0.0) == FIRST_SPACING_S
    probe(breaker, 1.0, good=True)
    assert breaker.cause is None


def test_only_one_probe_is_in_flight() -> None:
    breaker = opened()
    breaker.on_probe(1.0)
    assert breaker.wait(1_000.0) == math.inf


def test_probes_that_fail_are_spaced_more_and_more_up_to_a_limit() -> None:
    breaker, now, waits = opened(), 0.0, []
    for _ in range(7):
        wait = breaker.wait(now)
        waits.append(wait)
        now += wait
        probe(breaker, now, good=False)
    assert waits == [1.0, 2.0, 4.0, 8.0, LONGEST_SPACING_S, LONGEST_SPACING_S, LONGEST_SPACING_S]


def test_after_a_failed_probe_it_closes_through_three_good_ones() -> None:
    breaker = opened()
    probe(breaker, 1.0, good=False)
    for number in range(PROBES_TO_CLOSE):
        assert breaker.cause is not None
        probe(breaker, 3.0 + number, good=True)
    assert breaker.cause is None


def test_a_failed_probe_takes_the_good_ones_back() -> None:
    breaker = opened()
    for number, good in enumerate([False, True, True, False]):
        probe(breaker, 20.0 * (number + 1), good=good)
    probe(breaker, 100.0, good=True)
    assert breaker.cause is not None


def test_answers_to_calls_sent_before_it_opened_prove_nothing() -> None:
    breaker = opened()
    breaker.on_answer(probe=False, now=0.5)
    assert breaker.cause is not None
    assert breaker.wait(0.5) == 0.5


def test_after_a_429_a_probe_that_is_not_refused_for_5_s_has_passed() -> None:
    breaker = opened(Cause.LIMITED)
    breaker.on_probe(1.0)
    assert breaker.wait(2.0) == PATIENCE_S - 1.0
    breaker.catch_up(1.0 + PATIENCE_S)
    assert breaker.wait(1.0 + PATIENCE_S) == 0.0
    assert breaker.cause is None


def test_after_503s_a_hanging_probe_has_not_passed() -> None:
    breaker = opened(Cause.OVERLOADED)
    breaker.on_probe(1.0)
    breaker.catch_up(1.0 + PATIENCE_S)
    assert breaker.wait(1.0 + PATIENCE_S) == math.inf
    assert breaker.cause is not None


def test_who_doubts_opens_it_and_closes_it() -> None:
    breaker = Breaker()
    breaker.open(Cause.SILENT, 10.0)
    assert breaker.wait(10.0) == FIRST_SPACING_S
    breaker.on_probe(11.0)
    breaker.on_answer(probe=True, now=11.5)
    assert breaker.wait(11.5) == 0.0
    assert breaker.cause is Cause.SILENT
    breaker.close()
    assert breaker.cause is None


def test_in_silence_a_refused_request_is_a_failed_probe() -> None:
    breaker = Breaker()
    breaker.open(Cause.SILENT, 10.0)
    breaker.on_probe(11.0)
    breaker.on_rejection(probe=True, now=11.0)
    assert breaker.wait(11.0) == 2 * FIRST_SPACING_S


def test_after_a_429_a_refused_request_is_a_good_probe() -> None:
    breaker = opened(Cause.LIMITED)
    breaker.on_probe(1.0)
    breaker.on_rejection(probe=True, now=1.0)
    assert breaker.cause is None


def test_failures_that_are_no_overload_do_not_open_it() -> None:
    breaker = Breaker()
    for _ in range(WINDOW):
        breaker.on_failure(Cause.SILENT, probe=False, now=0.0)
    assert breaker.cause is None


def test_a_probe_that_fails_otherwise_after_503s_still_needs_three_good_ones() -> None:
    breaker = opened(Cause.OVERLOADED)
    breaker.on_probe(1.0)
    breaker.on_failure(Cause.SILENT, probe=True, now=1.0)
    probe(breaker, 3.0, good=True)
    assert breaker.cause is not None


def test_a_probe_without_news_makes_place_for_another() -> None:
    breaker = opened()
    breaker.on_probe(1.0)
    breaker.on_nothing(probe=True)
    assert breaker.wait(1.0) == 0.0
