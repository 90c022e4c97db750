"""Service tiers: how long a call may take, and what is said of the price."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config import Endpoint, PriceSection
from asyncsynth.provider.tiers import tier_note, tier_of, timeout_of


@pytest.mark.parametrize(
    ("parameters", "tier"),
    [
        ({"service_tier": "flex"}, "flex"),
        ({"serviceTier": "priority"}, "priority"),
        ({"service_tier": "auto"}, None),
        ({"service_tier": "standard_only"}, None),
        ({"speed": "fast"}, "fast"),
        ({}, None),
        ({"service_tier": 5}, None),
    ],
    ids=str,
)
def test_the_usual_tier_is_none(parameters: dict[str, Any], tier: str | None) -> None:
    assert tier_of(parameters) == tier


def test_a_flex_call_may_take_a_quarter_of_an_hour_unless_the_config_says_otherwise() -> None:
    flex = {"service_tier": "flex"}
    assert timeout_of(Endpoint(parameters=flex)) == 900
    assert timeout_of(Endpoint(parameters=flex, timeout_s=120)) == 120
    assert timeout_of(Endpoint()) == 120


def test_an_unknown_price_of_a_tier_is_told_where_it_matters() -> None:
    flex = Endpoint(model="m", parameters={"service_tier": "flex"})
    told = tier_note(flex, free=False)
    assert told is not None
    assert "tier flex: the full price of m is counted" in told
    fast = Endpoint(model="m", parameters={"service_tier": "priority"})
    assert "costs are unknown" in (tier_note(fast, free=False) or "")
    assert tier_note(flex, free=True) is None
    assert tier_note(flex.model_copy(update={"price": PriceSection(input=1, output=1)}), free=False) is None
    assert tier_note(Endpoint(), free=False) is None
