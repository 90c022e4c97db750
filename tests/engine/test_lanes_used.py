"""Lanes of different speed in one run: each is used to the brim, and none waits for another one's endpoint."""

from __future__ import annotations

from asyncsynth.config import Limits
from tests.engine.test_several_endpoints import answering
from tests.engine.virtual_run import Outcome, Provider, everybody, run_on

STEPS = ("outline", "story")
FULL = 0.97
LAST_S = 30.0  # of a run, in which there may be too little left


def share_used(outcome: Outcome, per_minute: float, start: float = 0.0) -> float:
    """Of what an endpoint may be sent from `start` on until shortly before the end."""
    until = outcome.ended_at - LAST_S
    return outcome.sent_between(start, until) / (per_minute / 60.0 * (until - start))


def limited(per_minute: int, latency_s: float = 1.0, concurrency: int = 32) -> tuple[Provider, Limits]:
    return answering(latency_s), Limits(concurrency=concurrency, requests_per_minute=per_minute)


def test_a_fast_step_and_a_slow_one_whose_endpoints_are_of_the_speed_that_they_need() -> None:
    first, second = run_on(
        [limited(600), limited(600, latency_s=3.0)], 800, steps=STEPS, serves=(["outline"], ["story"])
    )
    assert first.made == everybody(800)
    assert share_used(first, 600) >= FULL
    assert share_used(second, 600, start=10.0) >= FULL


def test_two_lanes_share_an_endpoint_and_both_endpoints_are_used() -> None:
    """A fast one that both steps may ask, and a slow one for the first of them alone."""
    shared, own = run_on([limited(600), limited(200)], 800, steps=STEPS, serves=(["outline", "story"], ["outline"]))
    assert shared.made == everybody(800)
    assert (len(shared.calls) + len(own.calls)) == 1_600
    assert share_used(shared, 600) >= FULL
    assert share_used(own, 200) >= FULL
