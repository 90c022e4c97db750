"""The sections hold what the documentation of config.toml says, exactly."""

from __future__ import annotations

import pytest

from asyncsynth.config.sections import PriceSection
from asyncsynth.costs import Price


@pytest.mark.parametrize(
    ("usd", "price"),
    [
        ((0.15, 0.60), Price(150_000, 600_000)),
        ((0, 0), Price(0, 0)),
        ((2.5, 0.000001), Price(2_500_000, 1)),
        # Below a picodollar a token no price becomes free.
        ((1e-9, 0.0000015), Price(1, 2)),
        ((1e9, 1e-300), Price(10**15, 1)),
    ],
)
def test_a_price_becomes_picodollars_a_token_rounded_up(usd: tuple[float, float], price: Price) -> None:
    assert PriceSection(input=usd[0], output=usd[1]).per_token() == price
