"""The breaker holds a flood back with single probes, and closes by itself."""

from __future__ import annotations

from asyncsynth.pace.breaker import FIRST_SPACING_S, LONGEST_SPACING_S, PATIENCE_S, PROBES_TO_CLOSE, WINDOW, Breaker


def opened(*, limited: bool = False) -> Breaker:
    breaker = Breaker()
    for _ in range(WINDOW):
        breaker.on_overload(probe=False, limited=limited, now=0.0)
    assert breaker.is_open
    return breaker


def probe(breaker: Breaker, now: float, *, good: bool) -> None:
    assert breaker.wait(now) == 0.0
    assert breaker.on_send(now)
    if good:
        breaker.on_answer(probe=True, now=now)
    else:
        breaker.on_overload(probe=True, limited=False, now=now)


def test_most_of_the_last_20_overloaded_open_it() -> None:
    breaker = Breaker()
    for number in range(WINDOW - 1):
        breaker.on_overload(probe=False, limited=False, now=float(number))
    assert not breaker.is_open
    assert breaker.on_overload(probe=False, limited=False, now=20.0)


def test_half_of_the_last_20_overloaded_do_not_open_it() -> None:
    breaker = Breaker()
    for _ in range(100):
        breaker.on_answer(probe=False, now=0.0)
        breaker.on_overload(probe=False, limited=False, now=0.0)
    assert not breaker.is_open
    breaker.on_overload(probe=False, limited=False, now=0.0)
    assert breaker.is_open


def test_one_429_lets_a_single_probe_go_first() -> None:
    breaker = Breaker()
    assert breaker.on_overload(probe=False, limited=True, now=0.0)
    assert breaker.wait(0.0) == FIRST_SPACING_S
    probe(breaker, 1.0, good=True)
    assert not breaker.is_open


def test_only_one_probe_is_in_flight() -> None:
    breaker = opened()
    breaker.on_send(1.0)
    assert breaker.wait(1_000.0) is None


def test_probes_that_fail_are_spaced_more_and_more_up_to_a_limit() -> None:
    breaker, now, waits = opened(), 0.0, []
    for _ in range(7):
        wait = breaker.wait(now)
        assert wait is not None
        waits.append(wait)
        now += wait
        probe(breaker, now, good=False)
    assert waits == [1.0, 2.0, 4.0, 8.0, LONGEST_SPACING_S, LONGEST_SPACING_S, LONGEST_SPACING_S]


def test_after_a_failed_probe_it_closes_through_three_good_ones() -> None:
    breaker = opened()
    probe(breaker, 1.0, good=False)
    for number in range(PROBES_TO_CLOSE):
        assert breaker.is_open
        probe(breaker, 3.0 + number, good=True)
    assert not breaker.is_open


def test_a_failed_probe_takes_the_good_ones_back() -> None:
    breaker = opened()
    for number, good in enumerate([False, True, True, False]):
        probe(breaker, 20.0 * (number + 1), good=good)
    probe(breaker, 100.0, good=True)
    assert breaker.is_open


def test_answers_to_calls_sent_before_it_opened_prove_nothing() -> None:
    breaker = opened()
    breaker.on_answer(probe=False, now=0.5)
    assert breaker.is_open
    assert breaker.wait(0.5) == 0.5


def test_after_a_429_a_probe_that_is_not_refused_for_5_s_has_passed() -> None:
    breaker = opened(limited=True)
    breaker.on_send(1.0)
    assert breaker.wait(2.0) == PATIENCE_S - 1.0
    assert breaker.wait(1.0 + PATIENCE_S) == 0.0
    assert not breaker.is_open


def test_after_503s_a_hanging_probe_has_not_passed() -> None:
    breaker = opened(limited=False)
    breaker.on_send(1.0)
    assert breaker.wait(1.0 + PATIENCE_S) is None
    assert breaker.is_open


def test_a_probe_without_news_makes_place_for_another() -> None:
    breaker = opened()
    breaker.on_send(1.0)
    breaker.on_nothing(probe=True)
    assert breaker.wait(1.0) == 0.0
