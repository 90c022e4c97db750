"""What is set aside for a call is the most that it can cost, and follows a provider that counts more."""

from __future__ import annotations

import pytest

from asyncsynth.pace.reserve import OVERHEAD_TOKENS, WorstCase
from asyncsynth.values import Price, Usage

PRICE = Price(3, 7)


def test_promise_11_the_reserve_is_a_token_a_byte_and_all_of_max_tokens() -> None:
    assert WorstCase(200).cost(PRICE, 1_000) == (1_000 + OVERHEAD_TOKENS) * 3 + 200 * 7


def test_without_max_tokens_there_is_no_worst_case() -> None:
    assert WorstCase(None).cost(PRICE, 1_000) is None
    assert WorstCase(None).surprise(1_000, Usage(10, 10**6)) is None


def test_what_a_call_may_count_surprises_nobody() -> None:
    assert WorstCase(200).surprise(1_000, Usage(1_000 + OVERHEAD_TOKENS, 200)) is None


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
    worst = WorstCase(200)
    assert told in (worst.surprise(1_000, usage) or "")
    worst.raise_to(1_000, usage)
    assert worst.cost(PRICE, 1_000) == cost
    assert worst.surprise(1_000, usage) is None
