"""What is set aside for a call is the most that it can cost, and follows a provider that counts more."""

from __future__ import annotations

import pytest

from asyncsynth.costs import Price
from asyncsynth.pace.reserve import OVERHEAD_TOKENS, WorstCase
from asyncsynth.values import Usage

PRICE = Price(3, 7)


def test_promise_11_the_reserve_is_a_token_a_byte_and_all_of_max_tokens() -> None:
    assert WorstCase(200, PRICE).cost(1_000) == (1_000 + OVERHEAD_TOKENS) * 3 + 200 * 7


def test_without_max_tokens_there_is_no_worst_case() -> None:
    assert WorstCase(None, PRICE).cost(1_000) is None
    assert WorstCase(None, PRICE).surprise(1_000, Usage(10, 10**6), None) is None


def test_what_a_call_may_count_surprises_nobody() -> None:
    assert WorstCase(200, PRICE).surprise(1_000, Usage(1_000 + OVERHEAD_TOKENS, 200), None) is None


@pytest.mark.parametrize(
    ("usage", "cost", "told"),
    [
        (Usage(40, 520), (1_000 + OVERHEAD_TOKENS) * 3 + 520 * 7, "520 tokens for an answer that can have at most 200"),
        (Usage(1_500, 80), 1_500 * 3 + 200 * 7, "1,500 tokens for a prompt of 1,000 bytes"),
    ],
    ids=["beyond max_tokens", "beyond the prompt"],
)
def test_promise_11_calls_to_come_set_aside_what_a_provider_was_seen_to_count(
    usage: Usage, cost: int, told: str
) -> None:
    worst = WorstCase(200, PRICE)
    assert told in (worst.surprise(1_000, usage, None) or "")
    worst.raise_to(1_000, usage, None)
    assert worst.cost(1_000) == cost
    assert worst.surprise(1_000, usage, None) is None


def test_promise_11_calls_to_come_set_aside_what_a_provider_was_seen_to_charge() -> None:
    worst, usage = WorstCase(200, PRICE), Usage(40, 80)
    before = worst.cost(1_000) or 0
    assert worst.surprise(1_000, usage, before) is None
    told = "charged $0.000000014 for one that can cost at most $0.0000000046"
    assert told in (worst.surprise(1_000, usage, before * 3) or "")
    worst.raise_to(1_000, usage, before * 3)
    assert worst.cost(1_000) == before * 3
    assert worst.surprise(1_000, usage, before * 3) is None
    assert worst.cost(2_000) == (WorstCase(200, PRICE).cost(2_000) or 0) * 3


def test_promise_11_what_should_be_free_and_is_charged_is_set_aside() -> None:
    free, usage = WorstCase(None, Price(0, 0)), Usage(40, 80)
    assert free.cost(1_000) == 0
    assert free.surprise(1_000, usage, 7) is not None
    free.raise_to(1_000, usage, 7)
    assert free.cost(1_000) == 7
