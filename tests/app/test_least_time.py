"""The least time that calls take is counted for each limit, whatever steps share it."""

from __future__ import annotations

from asyncsynth.app.least_time import Load, least_seconds
from asyncsynth.app.target import Target
from asyncsynth.config import Endpoint, Limits


def target(name: str, **limits: int) -> Target:
    return Target(name, Endpoint(provider="simulator", parameters={"max_tokens": 100}), Limits(**limits), None)


def load(*targets: Target, requests: int = 10, prompt: float = 100.0) -> Load:
    return Load.of(targets, requests, prompt, 0.0)


def least(*loads: Load) -> tuple[float | None, str]:
    seconds, bottleneck = least_seconds(loads)
    return None if seconds is None else round(seconds, 6), bottleneck


def test_steps_that_share_an_endpoint_share_its_limits() -> None:
    shared = target("", requests_per_minute=10)
    assert least(load(shared), load(shared, requests=20)) == (180.0, "limits.requests_per_minute")


def test_each_limit_is_counted_over_all_steps_and_not_the_slowest_of_each() -> None:
    shared = target("", requests_per_minute=10, tokens_per_minute=3000)
    calls = [load(shared, prompt=0.0, requests=20), load(shared, prompt=500.0, requests=5)]  # 2000 and 3000 tokens
    assert least(*calls) == (150.0, "limits.requests_per_minute")


def test_steps_of_other_endpoints_are_made_beside_each_other() -> None:
    calls = [load(target("a", requests_per_minute=10)), load(target("b", requests_per_minute=5))]
    assert least(*calls) == (120.0, "limits.requests_per_minute")


def test_several_endpoints_of_a_step_take_their_shares() -> None:
    several = load(target("a", requests_per_minute=10), target("b", requests_per_minute=30), requests=40)
    assert least(several) == (60.0, "the limits of its endpoints")


def test_where_one_endpoint_has_no_limit_none_decides() -> None:
    assert least(load(target("a", requests_per_minute=10), target("b"))) == (None, "")
