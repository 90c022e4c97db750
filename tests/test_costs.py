"""Money: what a call costs, to the picodollar, and what it can cost at most."""

from __future__ import annotations

import pytest

from asyncsynth.costs import Price
from asyncsynth.values import Usage


@pytest.mark.parametrize(
    ("price", "cost"),
    [
        (Price(10, 100), 100 * 10 + 5 * 100),
        (Price(10, 100, cached_input=1), 60 * 1 + 40 * 10 + 5 * 100),
        (Price(10, 100, cache_write=12), 30 * 12 + 70 * 10 + 5 * 100),
        (Price(10, 100, 1, 12, 20), 60 * 1 + 10 * 12 + 20 * 20 + 10 * 10 + 5 * 100),
        (Price(10, 100, hour_write=20), 20 * 20 + 80 * 10 + 5 * 100),
        (Price(10, 100, 1, 12), 60 * 1 + 30 * 12 + 10 * 10 + 5 * 100),
        (Price(10, 100, longer=((99, Price(20, 200)),)), 100 * 20 + 5 * 200),
        (Price(10, 100, longer=((100, Price(20, 200)),)), 100 * 10 + 5 * 100),
        (Price(10, 100, longer=((50, Price(15, 150)), (99, Price(20, 200, 2)))), 60 * 2 + 40 * 20 + 5 * 200),
    ],
)
def test_what_a_cache_does_and_how_long_the_prompt_is_decides_the_cost(price: Price, cost: int) -> None:
    assert price.cost(Usage(100, 5, cached_tokens=60, cache_write_tokens=30, hour_write_tokens=20)) == cost
    assert price.most(100, 5) >= cost


def test_the_most_is_the_dearest_case() -> None:
    assert Price(10, 100, 1, 12).most(100, 5) == 100 * 12 + 500
    assert Price(10, 100, 1, 12, 20).most(100, 5) == 100 * 20 + 500
    assert Price(10, 100, longer=((50, Price(20, 200)),)).most(100, 5) == 100 * 20 + 1000
    assert Price(10, 100, longer=((100, Price(20, 200)),)).most(100, 5) == 100 * 10 + 500


def test_calls_that_write_nothing_into_a_cache_pay_no_surcharge() -> None:
    price = Price(10, 100, 1, 12, 20, longer=((50, Price(11, 100, 1, 13, 21)),))
    assert price.without_writes(for_an_hour_alone=False).most(100, 5) == 100 * 11 + 500
    assert price.without_writes(for_an_hour_alone=True).most(100, 5) == 100 * 13 + 500
