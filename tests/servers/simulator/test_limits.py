from __future__ import annotations

import math

import pytest

from asyncsynth.servers.simulator.dialects.openai import limit_headers
from asyncsynth.servers.simulator.durations import duration, retry_headers
from asyncsynth.servers.simulator.limits import Limits
from asyncsynth.servers.simulator.settings import Settings


def test_refused_calls_take_from_neither_limit() -> None:
    limits = Limits(Settings(requests_per_minute=3, tokens_per_minute=100))
    assert limits.admit(0.0, 90, 0) is None
    for _ in range(50):
        assert limits.admit(1.0, 20, 0) is not None
    assert dict(limit_headers(limits.states(1.0)))["x-ratelimit-remaining-requests"] == "2"
    assert limits.admit(2.0, 10, 0) is None


def test_refusal_names_the_limit_with_the_longer_wait() -> None:
    limits = Limits(Settings(requests_per_minute=2, tokens_per_minute=100))
    limits.admit(0.0, 10, 0)
    limits.admit(10.0, 90, 0)
    by_tokens, by_requests = limits.admit(20.0, 11, 0), limits.admit(20.0, 10, 0)
    assert by_tokens is not None
    assert by_requests is not None
    assert (by_tokens.kind, by_tokens.wait_s, by_tokens.used, by_tokens.requested) == ("tokens", 50.0, 100, 11)
    assert (by_requests.kind, by_requests.wait_s) == ("requests", 40.0)


def test_headers_say_limit_remaining_and_time_to_a_full_reset() -> None:
    limits = Limits(Settings(requests_per_minute=3, tokens_per_minute=1000))
    limits.admit(0.0, 300, 0)
    limits.admit(30.0, 300, 0)
    assert dict(limit_headers(limits.states(45.5))) == {
        "x-ratelimit-limit-requests": "3",
        "x-ratelimit-remaining-requests": "1",
        "x-ratelimit-reset-requests": "44.5s",
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "400",
        "x-ratelimit-reset-tokens": "44.5s",
    }
    assert Limits(Settings()).states(0.0) == []


def test_input_and_output_can_be_limited_apart() -> None:
    limits = Limits(Settings(input_tokens_per_minute=100, output_tokens_per_minute=50))
    assert limits.admit(0.0, 90, 10) is None
    by_input, by_output = limits.admit(1.0, 11, 10), limits.admit(2.0, 10, 41)
    assert by_input is not None
    assert by_output is not None
    assert (by_input.kind, by_output.kind) == ("input-tokens", "output-tokens")
    assert limits.admit(3.0, 10, 40) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        *((0, "0s"), (0.017, "17ms"), (0.0001, "1ms"), (1, "1s"), (8.64, "8.64s"), (59.9996, "1m0s"), (360, "6m0s")),
        *((86.4, "1m26.4s"), (3600, "1h0m0s"), (3725.5, "1h2m5.5s")),
    ],
)
def test_durations_are_written_like_openai_writes_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("wait_s", "seconds", "milliseconds"),
    [(0.2, "1", "200"), (20, "20", "20000"), (20.0004, "21", "20001"), (math.inf, "60", "60000")],
)
def test_retry_headers_round_up(wait_s: float, seconds: str, milliseconds: str) -> None:
    assert dict(retry_headers(wait_s)) == {"retry-after": seconds, "retry-after-ms": milliseconds}
