"""What a request needs and what an answer costs."""

from __future__ import annotations

import pytest

from asyncsynth.costs import Price
from asyncsynth.pace.meter import Meter
from asyncsynth.pace.reserve import OVERHEAD_TOKENS
from asyncsynth.values import Request, Sample, Usage

REQUEST = Request(Sample("k", {}, 0), 0, "x" * 300, "y" * 100)


def test_the_need_counts_prompt_system_text_and_max_tokens() -> None:
    need = Meter(Price(1, 10), 50).need(REQUEST)
    assert need.reserve == 400 + OVERHEAD_TOKENS + 500
    assert 50 + 400 // 4 < need.tokens <= 50 + 400
    assert need.max_tokens == 50


def test_what_goes_with_every_prompt_is_reserved_too() -> None:
    plain, beside = Meter(Price(1, 10), 50).need(REQUEST), Meter(Price(1, 10), 50, beside=700).need(REQUEST)
    assert plain.reserve is not None
    assert beside.reserve == plain.reserve + 700
    assert beside.tokens > plain.tokens


def test_it_learns_from_usage() -> None:
    meter = Meter(None, 50)
    for _ in range(20):
        meter.observe(meter.need(REQUEST), Usage(208, 30))
    assert meter.need(REQUEST).tokens == pytest.approx(258, abs=2)


@pytest.mark.parametrize(
    ("price", "max_tokens", "reserve"), [(None, 50, None), (Price(1, 1), None, None), (Price(0, 0), None, 0)]
)
def test_a_reserve_needs_a_price_and_max_tokens_or_costs_nothing(
    price: Price | None, max_tokens: int | None, reserve: int | None
) -> None:
    assert Meter(price, max_tokens).need(REQUEST).reserve == reserve


def test_an_unknown_price_is_never_guessed() -> None:
    assert Meter(None, 50).cost(Usage(1, 2)) is None
    assert Meter(Price(3, 7), 50).cost(Usage(1, 2)) == 17


def test_a_provider_that_passes_max_tokens_is_told_of_once_and_the_next_reserve_is_higher() -> None:
    told: list[str] = []
    meter = Meter(Price(1, 10), 50, tell=told.append)
    before = meter.need(REQUEST)
    for _ in range(3):
        meter.observe(before, Usage(100, 90))
    assert before.reserve is not None
    assert meter.need(REQUEST).reserve == before.reserve + 40 * 10
    assert len(told) == 1


def test_a_provider_that_charges_more_than_its_price_is_told_of_at_once_and_the_next_reserve_is_higher() -> None:
    told: list[str] = []
    meter = Meter(Price(1, 10), 50, tell=told.append)
    before = meter.need(REQUEST)
    assert before.reserve is not None
    meter.observe(before, Usage(100, 40, cost=before.reserve))
    assert told == []
    for _ in range(3):
        meter.observe(before, Usage(100, 40, cost=before.reserve * 2))
    assert meter.need(REQUEST).reserve == before.reserve * 2
    assert len(told) == 1


def test_the_reserve_is_by_the_dearest_price_and_the_cost_by_the_price() -> None:
    meter = Meter(Price(1, 10, cache_write=5), 50, dearest=Price(1, 10))
    assert meter.need(REQUEST).reserve == 400 + OVERHEAD_TOKENS + 500
    assert meter.cost(Usage(10, 1, cache_write_tokens=10)) == 60


def test_our_own_estimate_of_the_usage_surprises_nobody() -> None:
    told: list[str] = []
    meter = Meter(Price(1, 10), 50, tell=told.append)
    meter.observe(meter.need(REQUEST), Usage(100, 90, "estimate"))
    assert told == []
