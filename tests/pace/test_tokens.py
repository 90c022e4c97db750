"""Tokens per minute by an exact log behind a bucket (promise 7); test_pacing has the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.pace.tokens import BURST_S, WINDOW_S, TokenLimit

LIMIT = 6_000  # 100 a second


def spend_all(limit: TokenLimit) -> float:
    """Take the whole limit in small amounts, as fast as may be; the time of the last."""
    now = 0.0
    for _ in range(LIMIT // 100):
        now += limit.wait(100, now)
        limit.take(100, now)
    return now


@given(st.lists(st.integers(1, LIMIT), min_size=1, max_size=80))
def test_no_window_of_60_5_s_sees_more_than_the_limit(amounts: list[int]) -> None:
    limit, now = TokenLimit(LIMIT, 0.0), 0.0
    taken: list[tuple[float, int]] = []
    for amount in amounts:
        while (wait := limit.wait(amount, now)) > 0:
            now += wait + 1e-9
        limit.take(amount, now)
        taken.append((now, amount))
        assert sum(tokens for at, tokens in taken if at > now - WINDOW_S) <= LIMIT


def test_a_used_up_limit_is_free_again_when_its_first_use_is_half_a_second_more_than_a_minute_old() -> None:
    limit = TokenLimit(LIMIT, 0.0)
    last = spend_all(limit)
    assert limit.room(last) == 0
    assert last + limit.wait(100, last) == pytest.approx(60.5, abs=0.05)


def test_a_burst_is_at_most_5_s_worth() -> None:
    limit = TokenLimit(LIMIT, 0.0)
    bursts = 0
    while limit.wait(100, 0.0) == 0:
        limit.take(100, 0.0)
        bursts += 100
    assert bursts == LIMIT / 60 * BURST_S


def test_a_prompt_larger_than_a_burst_waits_for_an_empty_bucket_only() -> None:
    limit = TokenLimit(LIMIT, 0.0)
    assert limit.wait(3_000, 0.0) == 0
    limit.take(3_000, 0.0)
    assert limit.wait(100, 0.0) == pytest.approx(26.0, abs=0.01)


def test_a_correction_frees_what_was_overestimated() -> None:
    limit = TokenLimit(LIMIT, 0.0)
    entry = limit.take(500, 0.0)
    assert limit.wait(100, 0.0) > 0
    limit.correct(entry, -400)
    assert limit.wait(100, 0.0) == 0
    assert limit.used(0.0) == 100


def test_tokens_of_an_earlier_run_count() -> None:
    limit = TokenLimit(LIMIT, 0.0, [(-50.0, 4_000), (-20.0, 2_000)])
    assert limit.room(0.0) == 0
    assert limit.wait(10, 0.0) == pytest.approx(10.5, abs=0.01)


def test_more_than_the_limit_is_a_debt() -> None:
    limit = TokenLimit(LIMIT, 0.0)
    limit.take(10_000, 0.0)
    assert limit.room(1.0) == -4_000
    assert limit.wait(1, 1.0) >= 59.5


def test_what_somebody_else_used_is_used_where_little_remains() -> None:
    limit = TokenLimit(LIMIT, 0.0)
    limit.observe(LIMIT, 100, 0.0)
    assert limit.room(0.0) == 100
    limit = TokenLimit(LIMIT, 0.0)
    limit.observe(LIMIT, LIMIT // 6, 0.0)  # as a provider with a bucket of 10 s says
    assert limit.room(0.0) == LIMIT
