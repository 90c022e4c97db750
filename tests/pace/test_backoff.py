"""Full jitter, and a retry budget that all samples share."""

from __future__ import annotations

import random

import pytest

from asyncsynth.pace.backoff import CAP_S, Backoff, RetryBudget, delay


@pytest.mark.parametrize(("attempt", "most"), [(1, 1.0), (2, 2.0), (5, 16.0), (7, CAP_S), (10_000, CAP_S)])
def test_delays_are_spread_from_zero_to_a_doubling_limit(attempt: int, most: float) -> None:
    rng = random.Random(1)
    delays = [delay(attempt, rng) for _ in range(2_000)]
    assert min(delays) < 0.05 * most
    assert 0.95 * most < max(delays) <= most
    assert sum(delays) / 2_000 == pytest.approx(most / 2, rel=0.05)


def test_retries_within_the_budget_do_not_wait() -> None:
    budget = RetryBudget(0.0)
    waits = []
    for _ in range(100):
        for _ in range(5):
            budget.on_call()
        waits.append(budget.spend(0.0))
    assert waits == [0.0] * 100


def test_an_exhausted_budget_makes_retries_wait_and_never_fails_them() -> None:
    budget = RetryBudget(0.0, burst=20.0, floor_per_s=1.0)
    waits = [budget.spend(0.0) for _ in range(25)]
    assert waits == [0.0] * 20 + [1.0, 2.0, 3.0, 4.0, 5.0]


def test_nobody_waits_longer_than_a_minute_for_the_budget() -> None:
    budget = RetryBudget(0.0)
    assert max(budget.spend(0.0) for _ in range(10_000)) == CAP_S


def test_the_floor_earns_with_time() -> None:
    budget = RetryBudget(0.0)
    for _ in range(30):
        budget.spend(0.0)
    assert budget.spend(31.0) == 0.0


def test_a_backoff_is_the_longer_of_jitter_and_budget() -> None:
    now = 0.0
    backoff = Backoff(random.Random(1), RetryBudget(now, burst=1.0), lambda: now)
    assert backoff.take(1) <= 1.0
    assert backoff.take(1) >= 1.0
