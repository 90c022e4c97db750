"""What a run will need, by what is known before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.first_requests import Look
from asyncsynth.app.forecast import Forecast, forecast, forecast_of
from asyncsynth.app.target import Target
from asyncsynth.config import Endpoint, Limits
from asyncsynth.costs import Price
from asyncsynth.engine.inventory import Inventory
from asyncsynth.values import ONLY_STEP
from tests.app.jobs import job

PRICE = Price(1_000_000, 2_000_000)  # picodollars a token


def foretold(**changed: Any) -> Forecast:
    of_target: dict[str, Any] = {"price": PRICE, "limits": Limits(), "max_tokens": 100}
    for name in of_target.keys() & changed.keys():
        of_target[name] = changed.pop(name)
    given: dict[str, Any] = {
        "samples": 10,
        "requests": 10,
        "mean_completion": 50.0,
        "targets": [target(**of_target)],
    }
    return forecast(Look(50.0, 150.0), **(given | changed))


def target(price: Price | None = PRICE, limits: Limits | None = None, max_tokens: int | None = 100) -> Target:
    parameters = {} if max_tokens is None else {"max_tokens": max_tokens}
    return Target("", Endpoint(provider="simulator", parameters=parameters), limits or Limits(), price)


def test_tokens_and_money_are_for_all_requests() -> None:
    found = foretold()
    assert (found.prompt_tokens, found.completion_tokens) == (500, 500)
    assert found.cost_usd == pytest.approx(10 * (50 * 1e-6 + 50 * 2e-6))
    assert found.most_usd == pytest.approx(10 * (150 * 1e-6 + 100 * 2e-6))


def test_the_most_has_the_surcharge_of_what_is_written_into_a_cache() -> None:
    assert foretold(price=Price(1_000_000, 2_000_000, cache_write=1_250_000)).most_usd == pytest.approx(
        10 * (150 * 1.25e-6 + 100 * 2e-6)
    )


def test_without_answers_max_tokens_stands_in_for_their_length() -> None:
    found = foretold(mean_completion=None)
    assert found.completion_tokens == 1000
    assert found.cost_usd == pytest.approx(10 * (50 * 1e-6 + 100 * 2e-6))


def test_answers_are_not_expected_to_be_longer_than_they_can_be() -> None:
    assert foretold(mean_completion=5000.0).completion_tokens == 1000
    assert foretold(mean_completion=5000.0, max_tokens=None).completion_tokens == 50_000


def test_what_nobody_knows_is_not_guessed() -> None:
    assert foretold(price=None).cost_usd is None
    assert foretold(price=None).most_usd is None
    assert foretold(max_tokens=None).most_usd is None
    assert foretold(max_tokens=None, mean_completion=None).cost_usd is None
    assert "money:  price unknown" in "\n".join(foretold(price=None).lines())
    unbounded = "\n".join(foretold(max_tokens=None, mean_completion=None).lines())
    assert "out: unknown" in unbounded
    assert "money:  unknown, like the length" in unbounded


def test_a_free_model_costs_nothing_however_long_its_answers_are() -> None:
    assert foretold(price=Price(0, 0), max_tokens=None, mean_completion=None).cost_usd == 0


@pytest.mark.parametrize(
    ("limits", "seconds", "bottleneck"),
    [
        ({}, None, ""),
        ({"requests_per_minute": 5}, 120.0, "limits.requests_per_minute"),
        ({"requests_per_minute": 60, "tokens_per_minute": 500}, 180.0, "limits.tokens_per_minute"),
    ],
)
def test_the_slowest_limit_says_how_long_it_takes_at_least(
    limits: dict[str, int], seconds: float | None, bottleneck: str
) -> None:
    found = foretold(limits=Limits(**limits))
    assert found.seconds == (None if seconds is None else pytest.approx(seconds))
    assert found.bottleneck == bottleneck


def test_what_is_shared_is_paid_once() -> None:
    assert foretold(samples=30).cost_usd == foretold().cost_usd
    assert "30 samples, by 10 requests" in foretold(samples=30).lines()[0]


def test_answers_that_are_there_say_how_long_further_ones_are(tmp_path: Path) -> None:
    assert forecast_of(job(tmp_path), Inventory(4, 0, 2, 2), {ONLY_STEP: 25.0}).completion_tokens == 50
    assert forecast_of(job(tmp_path), Inventory(0, 0, 6, 6), {}).completion_tokens == 600


def test_requests_that_can_not_be_rendered_are_looked_past(tmp_path: Path) -> None:
    fails = "{{ genre }} {{ mood }} {{ 1 // (8 - (uuid[-1:] | int(1))) }}"
    work = job(tmp_path, prompt={"request": fails}, combinations={"repeats": 25})
    assert forecast_of(work, Inventory(0, 0, 150, 150), {}).prompt_tokens > 0
