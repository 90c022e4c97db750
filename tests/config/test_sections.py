"""The sections hold what the documentation of config.toml says, exactly."""

from __future__ import annotations

import pytest

from asyncsynth.config.sections import PriceSection, checked_base_url
from asyncsynth.values import Price


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


@pytest.mark.parametrize("url", ["https://api.openai.com/v1/", "http://127.0.0.1:8080/v1", "http://localhost:1/v1"])
def test_a_safe_base_url_is_kept_without_its_last_slash(url: str) -> None:
    assert checked_base_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://x/v1", "expected a URL"),
        ("api.openai.com", "expected a URL"),
        ("https://me:pw@host/v1", "would be logged"),
        ("http://host/v1", "must be https"),
        ("https://host/v1?api-key=x", "no query"),
        ("http://127.0.0.1.evil.example/v1", "must be https"),
        ("https://host/v1/chat/completions", "leave out /chat/completions at its end"),
        ("https://host/v1/completions/", "leave out /completions at its end"),
        ("https://host/v1/responses", "leave out /responses at its end"),
        ("https://host:port/v1", "expected a URL"),
        ("https://[host/v1", "expected a URL"),
    ],
)
def test_an_unsafe_base_url_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        checked_base_url(url)
