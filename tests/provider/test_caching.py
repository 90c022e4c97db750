"""What caches of prompts may cost."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.costs import Price
from asyncsynth.provider.caching import dearest, least_cached_tokens
from asyncsynth.values import Api

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


@pytest.mark.parametrize(
    ("provider", "model", "least"),
    [
        ("openai", "gpt-6-sol", 1024),
        ("anthropic", "claude-opus-5-5", 512),
        ("anthropic", "claude-opus-4-7", 2048),
        ("anthropic", "claude-haiku-4-5", 4096),
        ("anthropic", "claude-sonnet-5", 1024),
        ("gemini", "gemini-2.5-flash", 2048),
        ("gemini", "gemini-3.8-flash", 4096),
        ("openrouter", "anthropic/claude-opus-4.5", 4096),
        ("openrouter", "google/gemini-2.5-pro", 2048),
        ("openrouter", "qwen/qwen3", None),
        ("vllm", "m", None),
    ],
)
def test_each_service_caches_from_so_many_tokens_on(provider: str, model: str, least: int | None) -> None:
    assert least_cached_tokens(provider, model) == least
