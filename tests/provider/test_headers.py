from __future__ import annotations

import pytest

from asyncsynth.provider.headers import rate_hints, should_retry
from asyncsynth.values import RateHints


def test_limits_and_what_is_left_of_them_become_hints() -> None:
    openai = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-remaining-tokens": "199000",
    }
    anthropic = {"anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-tokens-remaining": "0"}
    assert rate_hints(openai) == RateHints(500, 200_000, 499, 199_000)
    assert rate_hints(anthropic) == RateHints(50, None, None, 0)


def test_of_anthropics_limits_of_input_and_output_the_lower_one_is_the_ceiling() -> None:
    """Both together below it, neither is passed."""
    headers = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-tokens-limit": "38000",
        "anthropic-ratelimit-input-tokens-limit": "30000",
        "anthropic-ratelimit-input-tokens-remaining": "29000",
        "anthropic-ratelimit-output-tokens-limit": "8000",
        "anthropic-ratelimit-output-tokens-remaining": "7000",
    }
    assert rate_hints(headers) == RateHints(50, 8000, 49, 7000)


@pytest.mark.parametrize("value", ["-1", "NaN", "inf", "many", "", "1e300", "9" * 65, "\u0663", "\xb2"])
def test_an_absurd_limit_is_no_hint(value: str) -> None:
    assert rate_hints({"x-ratelimit-limit-requests": value}) is None


def test_headers_that_say_nothing_of_limits_make_no_hints() -> None:
    assert rate_hints({"content-type": "application/json"}) is None


def test_should_retry_is_true_false_or_nothing() -> None:
    said = [should_retry({"x-should-retry": value}) for value in ("true", " False ", "maybe", "")]
    assert said == [True, False, None, None]
    assert should_retry({}) is None


def test_a_limit_with_decimals_is_a_limit() -> None:
    assert rate_hints({"x-ratelimit-limit-tokens": " 8000.0 "}) == RateHints(limit_tokens=8000)
