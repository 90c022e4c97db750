"""The ages of the calls in flight."""

from __future__ import annotations

from asyncsynth.pace.auto.in_flight import OVERDUE, InFlight, overdue_s


def test_calls_of_the_same_moment_end_one_by_one() -> None:
    calls = InFlight()
    for at in (1.0, 1.0, 3.0):
        calls.sent(at)
    assert calls.ages(4.0) == [3.0, 3.0, 1.0]
    calls.ended(1.0)
    assert calls.ages(4.0) == [3.0, 1.0]
    calls.ended(1.0)
    calls.ended(3.0)
    assert calls.ages(4.0) == []


def test_only_what_has_waited_far_longer_than_the_others_is_overdue() -> None:
    assert overdue_s([1.0, OVERDUE], latency_s=1.0) == 0.0
    assert overdue_s([1.0, 10.0, 20.0], latency_s=2.0) == 10.0 + 20.0 - 2 * OVERDUE * 2.0
