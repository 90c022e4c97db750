"""What caches of prompts may cost."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.provider.caching import dearest
from asyncsynth.values import Api, Price

PRICE = Price(10, 100, 1, 12, 20)
EPHEMERAL = {"type": "ephemeral"}


@pytest.mark.parametrize(
    ("api", "parameters", "price"),
    [
        ("anthropic", {}, Price(10, 100, 1)),
        ("anthropic", {"cache_control": EPHEMERAL}, Price(10, 100, 1, 12)),
        ("anthropic", {"cache_control": {**EPHEMERAL, "ttl": "1h"}}, PRICE),
        ("anthropic", {"tools": [{"name": "a", "cache_control": {**EPHEMERAL, "ttl": "1h"}}]}, PRICE),
        ("chat", {}, Price(10, 100, 1, 12)),
    ],
    ids=str,
)
def test_promise_11_the_reserve_has_the_surcharge_of_writes_that_a_request_asks_for(
    api: Api, parameters: dict[str, Any], price: Price
) -> None:
    assert dearest(PRICE, api, parameters) == price
