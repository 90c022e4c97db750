"""What a request needs and what an answer costs."""

from __future__ import annotations

import pytest

from asyncsynth.pace.estimate import WORST_OVERHEAD_TOKENS
from asyncsynth.pace.meter import Meter
from asyncsynth.values import Price, Request, Sample, Usage

REQUEST = Request(Sample("k", {}, 0), 0, "x" * 300, "y" * 100, "prompt")


def test_the_need_counts_prompt_system_text_and_max_tokens() -> None:
    need = Meter(Price(1, 10), 50).need(REQUEST)
    assert need.worst_cost == 400 + WORST_OVERHEAD_TOKENS + 500
    assert 50 + 400 // 4 < need.tokens <= 50 + 400
    assert need.max_tokens == 50


def test_it_learns_from_usage() -> None:
    meter = Meter(None, 50)
    for _ in range(20):
        meter.observe(meter.need(REQUEST), Usage(208, 30))
    assert meter.need(REQUEST).tokens == pytest.approx(258, abs=2)


@pytest.mark.parametrize(
    ("price", "max_tokens", "worst"), [(None, 50, None), (Price(1, 1), None, None), (Price(0, 0), None, 0)]
)
def test_a_worst_case_needs_a_price_and_max_tokens_or_costs_nothing(
    price: Price | None, max_tokens: int | None, worst: int | None
) -> None:
    assert Meter(price, max_tokens).need(REQUEST).worst_cost == worst


def test_an_unknown_price_is_never_guessed() -> None:
    assert Meter(None, 50).cost(Usage(1, 2)) is None
    assert Meter(Price(3, 7), 50).cost(Usage(1, 2)) == 17
