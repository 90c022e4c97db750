"""Means over an epoch of answers."""

from __future__ import annotations

import random
from functools import partial

import pytest

from asyncsynth.pace.auto.measure import FEWEST, FIRST_MEASURES, MOST, Epoch, Measure, gain, loss, together


def measured(latencies_s: list[float], times: int = FIRST_MEASURES) -> Epoch:
    epoch = Epoch()
    for _ in range(times):
        epoch.begin(0, len(latencies_s))
        for latency_s in latencies_s:
            epoch.add(latency_s, 8)
    return epoch


def test_answers_of_the_limit_before_are_skipped() -> None:
    epoch = Epoch()
    epoch.begin(2, 2)
    assert [epoch.add(latency_s, 4) for latency_s in (9.0, 9.0, 1.0)] == [None, None, None]
    assert epoch.add(3.0, 8) == Measure(6.0, 2.0, 2)


def test_what_starves_counts_as_if_it_had_its_share_of_the_wait() -> None:
    """Of 4 calls one gets no place: the other three take a second each, so three are answered a second, not four."""
    epoch = Epoch()
    epoch.begin(0, 30)
    for number in range(30):
        measure = epoch.add(1.0, 4, partial(list, [10.0 + number / 3]))
    assert measure is not None
    assert measure.throughput == pytest.approx(3.0, rel=0.05)


def test_throughput_is_what_is_in_flight_over_its_latency() -> None:
    assert Measure(8.0, 2.0, 10).throughput == 4.0


def test_an_epoch_that_goes_on_counts_what_it_has() -> None:
    epoch = Epoch()
    epoch.begin(0, 1)
    assert epoch.add(1.0, 1) == Measure(1.0, 1.0, 1)
    assert epoch.go_on(3)
    assert epoch.add(2.0, 1) is None
    assert epoch.add(3.0, 1) == Measure(1.0, 2.0, 3)
    assert not epoch.go_on(3)


@pytest.mark.parametrize(("deviation", "answers"), [(0.0, FEWEST), (0.2, 40), (0.4, 160), (2.0, MOST)])
def test_the_more_latencies_vary_the_more_answers_are_needed(deviation: float, answers: int) -> None:
    rng = random.Random(1)
    epoch = measured(
        [rng.gammavariate(deviation**-2, deviation**2) if deviation else 1.0 for _ in range(20_000)], times=1
    )
    assert epoch.precise == pytest.approx(answers, rel=0.1)


def test_a_queue_that_evens_latencies_out_is_no_reason_to_measure_less() -> None:
    epoch = measured([0.5, 1.5] * 100)
    for _ in range(10):
        epoch.begin(0, 100)
        for _ in range(100):
            epoch.add(5.0, 8)
    assert epoch.precise > 100


def test_a_measure_across_a_change_of_the_server_says_nothing_of_how_answers_vary() -> None:
    epoch = measured([1.0] * 50)
    epoch.begin(0, 100)
    for latency_s in [1.0] * 50 + [9.0] * 50:
        epoch.add(latency_s, 8)
    assert epoch.precise > FEWEST
    epoch.forget()
    assert epoch.precise == FEWEST


def test_gain_and_loss_are_1_in_proportion_and_0_where_nothing_changes() -> None:
    one, two, queued = Measure(4.0, 1.0, 9), Measure(8.0, 1.0, 9), Measure(8.0, 2.0, 9)
    assert gain(one, two) == loss(two, one) == 1.0
    assert gain(one, queued) == loss(queued, one) == 0.0
    assert gain(one, Measure(8.0, 1.6, 9)) == pytest.approx(0.25)


def test_two_measures_make_one() -> None:
    assert together(Measure(4.0, 1.0, 10), Measure(6.0, 2.0, 20), 0.5) == Measure(5.0, 1.5, 30)
