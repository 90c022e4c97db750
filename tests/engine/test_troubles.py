"""Providers in trouble, a whole run each: no dead letter for what passes, no endless spending, the run ends."""

from __future__ import annotations

import asyncio
import random

import pytest
from msgspec.structs import replace

from asyncsynth.costs import PICODOLLARS_PER_USD
from asyncsynth.engine.pipeline import Pipeline
from asyncsynth.engine.verdict import Rules
from asyncsynth.errors import EndpointStopped, SpendCapReached
from asyncsynth.values import Fault
from tests.engine.faults import (
    BAD_GATEWAY,
    BAD_JSON,
    BAD_KEY,
    BAD_REQUEST,
    EMPTY,
    GATEWAY_TIMEOUT,
    HTML,
    OVERLOADED,
    RATE_LIMITED,
    REJECTED,
    SERVER_ERROR,
    UNREACHABLE,
)
from tests.engine.virtual_run import GOOD, Said, Seen, everybody, run

SLOTS = [1, 8, 16, 64]
OUTAGES = [UNREACHABLE, BAD_GATEWAY, GATEWAY_TIMEOUT, SERVER_ERROR, OVERLOADED]


def by_reason(fault: Fault) -> str:
    return fault.reason


@pytest.mark.parametrize("slots", SLOTS)
@pytest.mark.parametrize("fault", OUTAGES, ids=by_reason)
@pytest.mark.parametrize("begins", [2.5, 20.0])
def test_promise_6_an_outage_of_90_s_drops_nothing_and_is_probed_gently(
    begins: float, fault: Fault, slots: int
) -> None:
    """It may begin when only the last samples of the run are under way."""

    def provider(call: Seen) -> Said:
        if begins <= call.at < begins + 90:
            return Said(fault, 0.01)
        return Said(GOOD)

    samples = max(round(begins) * slots, 48)
    outcome = run(provider, samples, concurrency=slots)
    assert (outcome.why, outcome.dead, outcome.made) == ("", {}, everybody(samples))
    assert outcome.sent_between(begins, begins + 90) <= 2 * slots + 60
    assert outcome.sent_between(begins + 30, begins + 90) <= 30
    assert outcome.ended_at < begins + 90 + 60 + samples / slots


@pytest.mark.parametrize("samples", [1, 3, 48])
@pytest.mark.parametrize("fault", [BAD_GATEWAY, SERVER_ERROR, OVERLOADED, GATEWAY_TIMEOUT], ids=by_reason)
def test_promise_6_a_server_that_loads_for_a_minute_gets_all_its_samples_however_few(
    fault: Fault, samples: int
) -> None:
    outcome = run(lambda call: Said(fault, 0.01) if call.at < 60 else Said(GOOD), samples)
    assert (outcome.why, outcome.dead, outcome.made) == ("", {}, everybody(samples))


@pytest.mark.parametrize("slots", SLOTS)
@pytest.mark.parametrize("fault", [BAD_REQUEST, REJECTED, EMPTY, BAD_JSON, HTML], ids=by_reason)
def test_useless_from_the_first_call_stops_soon_and_the_samples_that_showed_it_are_not_dead(
    fault: Fault, slots: int
) -> None:
    outcome = run(lambda _: Said(fault, 0.2), 500, concurrency=slots)
    assert isinstance(outcome.stopped_by, EndpointStopped)
    assert fault.message in outcome.why
    assert outcome.dead == {}
    assert len(outcome.calls) <= 5 + slots // 3 + slots


@pytest.mark.parametrize("slots", SLOTS)
@pytest.mark.parametrize("fault", [BAD_REQUEST, EMPTY, BAD_JSON], ids=by_reason)
def test_useless_in_the_middle_of_a_run_stops_and_the_samples_that_showed_it_are_not_dead(
    fault: Fault, slots: int
) -> None:
    good = 20 * slots

    def provider(call: Seen) -> Said:
        return Said(GOOD, 1.0 + call.sample % 7 / 10) if call.number <= good else Said(fault, 0.01)

    outcome = run(provider, good + 500, concurrency=slots)
    assert isinstance(outcome.stopped_by, EndpointStopped)
    assert fault.message in outcome.why
    assert (outcome.dead, len(outcome.made)) == ({}, good)
    assert len(outcome.calls) - good <= 25 + 2 * slots


@pytest.mark.parametrize("slots", SLOTS)
def test_quick_refusals_do_not_stop_a_healthy_run_of_slow_answers(slots: int) -> None:
    def provider(call: Seen) -> Said:
        return Said(BAD_REQUEST, 0.01) if call.sample * 7 % 10 < 3 else Said(GOOD, 30.0)

    outcome = run(provider, 400, concurrency=slots)
    assert (outcome.why, len(outcome.made), len(outcome.dead)) == ("", 280, 120)
    assert outcome.tries.most_common(1)[0][1] == 1
    assert outcome.ended_at <= 1.2 * 30 * (280 / slots + 1)


def test_a_few_samples_that_are_all_refused_are_dead() -> None:
    assert run(lambda _: Said(BAD_REQUEST), 3).dead == dict.fromkeys(range(3), "bad_request")


@pytest.mark.parametrize("slots", [1, 8])
def test_one_sample_that_always_fails_is_a_dead_letter_even_at_the_end_of_the_run(slots: int) -> None:
    for poison in (0, 20, 47):
        for fault in (BAD_JSON, SERVER_ERROR, BAD_GATEWAY):
            outcome = run(
                lambda call, poison=poison, fault=fault: Said(fault if call.sample == poison else GOOD),  # type: ignore[misc]
                48,
                concurrency=slots,
            )
            assert (outcome.why, outcome.dead) == ("", {poison: fault.reason})
            assert outcome.tries[poison] <= 12


def test_promise_9_an_endpoint_that_always_fails_stops_after_two_minutes_of_single_probes() -> None:
    for fault in (SERVER_ERROR, BAD_GATEWAY):
        outcome = run(lambda _, fault=fault: Said(fault, 0.01), 48, concurrency=16)  # type: ignore[misc]
        assert isinstance(outcome.stopped_by, EndpointStopped)
        assert "no answer for 2 minutes" in outcome.why
        assert outcome.dead == {}
        assert 120 <= outcome.ended_at <= 140
        assert len(outcome.calls) <= 45


@pytest.mark.parametrize("samples", [1, 4, 48])
@pytest.mark.parametrize("slots", [1, 8])
@pytest.mark.parametrize("gateway_s", [1.0, 60.0])
def test_a_gateways_own_time_limit_is_paid_twice_a_sample_at_most(gateway_s: float, slots: int, samples: int) -> None:
    outcome = run(lambda _: Said(GATEWAY_TIMEOUT, gateway_s, billed=True), samples, concurrency=slots)
    assert isinstance(outcome.stopped_by, EndpointStopped)
    assert "504" in outcome.why
    assert outcome.dead == {}
    assert outcome.tries.most_common(1)[0][1] <= 2
    assert len(outcome.calls) <= min(2 * samples, 2 * slots + 15)
    assert outcome.ended_at <= 150.0 + min(2 * samples, 8) * gateway_s


@pytest.mark.parametrize("slots", [1, 8, 64])
def test_samples_too_long_for_a_gateway_are_dead_after_two_tries_where_others_are_answered(slots: int) -> None:
    def provider(call: Seen) -> Said:
        return (
            Said(GATEWAY_TIMEOUT, 60.0, billed=True) if call.sample % 5 == 0 and call.sample < 400 else Said(GOOD, 5.0)
        )

    outcome = run(provider, 500, concurrency=slots)
    assert (outcome.why, sorted(outcome.dead)) == ("", list(range(0, 400, 5)))
    assert {outcome.tries[sample] for sample in outcome.dead} == {2}


def test_an_endpoint_that_never_answered_and_cannot_be_reached_stops_after_max_attempts() -> None:
    outcome = run(lambda _: Said(UNREACHABLE, 0.001), 48)
    assert "6 tries running: is endpoint.base_url right?" in outcome.why
    assert outcome.ended_at < 60


def test_an_endpoint_that_has_answered_and_cannot_be_reached_is_probed_for_an_hour() -> None:
    outcome = run(lambda call: Said(GOOD) if call.at < 5 else Said(UNREACHABLE, 0.001), 100)
    assert "no answer for 60 minutes" in outcome.why
    assert outcome.dead == {}
    assert 3_600 <= outcome.ended_at <= 3_650
    assert outcome.sent_between(60, 3_600) <= 3_600 / 15


@pytest.mark.parametrize("slots", [1, 8, 64])
def test_one_odd_refusal_of_the_account_does_not_stop_a_nights_run(slots: int) -> None:
    outcome = run(lambda call: Said(BAD_KEY, 0.01) if call.number == 100 else Said(GOOD), 200, concurrency=slots)
    assert (outcome.why, outcome.dead, len(outcome.made)) == ("", {}, 200)
    assert len(outcome.calls) == 201


@pytest.mark.parametrize("slots", [1, 8, 64])
def test_a_key_that_is_revoked_stops_the_run_after_one_more_try(slots: int) -> None:
    outcome = run(lambda call: Said(BAD_KEY, 0.01) if call.number >= 100 else Said(GOOD), 200, concurrency=slots)
    assert (outcome.why, outcome.dead, len(outcome.made)) == ("401", {}, 99)
    assert len(outcome.calls) <= 99 + slots + 1


@pytest.mark.parametrize("max_cost", [2_000, 50_000])
@pytest.mark.parametrize("answers", [0, 40])
def test_a_dead_upstream_is_named_where_it_fills_the_spend_cap_with_what_it_may_have_billed(
    answers: int, max_cost: int
) -> None:
    outcome = run(
        lambda call: Said(GOOD) if call.number <= answers else Said(BAD_GATEWAY, 0.01),
        500,
        max_cost_usd=(max_cost + answers * 200) / PICODOLLARS_PER_USD,
    )
    assert isinstance(outcome.stopped_by, EndpointStopped)
    assert "502" in outcome.why
    assert outcome.dead == {}
    assert outcome.perhaps_billed * 480 <= max_cost + 480


def test_the_spend_cap_is_named_where_answers_fill_it() -> None:
    outcome = run(lambda _: Said(GOOD), 500, max_cost_usd=20_000 / PICODOLLARS_PER_USD)
    assert isinstance(outcome.stopped_by, SpendCapReached)
    assert "are billed" in outcome.why
    assert "may have" not in outcome.why


@pytest.mark.parametrize("fault", [BAD_REQUEST, REJECTED], ids=by_reason)
def test_a_drain_keeps_what_was_paid_and_leaves_the_rest_to_the_next_run(fault: Fault) -> None:
    async def drain(pipeline: Pipeline) -> None:
        await asyncio.sleep(5.5)
        pipeline.drain()

    outcome = run(lambda call: Said(GOOD) if call.at < 5 else Said(fault), 100, during=drain)
    assert outcome.stopped_by is None
    assert len(outcome.made) == 40
    assert len(outcome.dead) == (8 if fault is REJECTED else 0)


@pytest.mark.parametrize("fault", [RATE_LIMITED, OVERLOADED], ids=by_reason)
@pytest.mark.parametrize("left", [1, 2, 3])
def test_promise_6_an_endpoint_that_takes_no_more_for_half_an_hour_drops_none_of_the_last_samples(
    left: int, fault: Fault
) -> None:
    """It says so itself; that nobody else is left to be answered does not make it their fault."""

    def provider(call: Seen) -> Said:
        return Said(fault, 0.01) if call.sample >= 48 and call.at < 1_800 else Said(GOOD)

    outcome = run(provider, 48 + left)
    assert (outcome.why, outcome.dead, outcome.made) == ("", {}, everybody(48 + left))


@pytest.mark.parametrize("fault", [RATE_LIMITED, OVERLOADED], ids=by_reason)
def test_promise_9_the_last_sample_that_is_always_refused_is_left_to_the_next_run_after_an_hour(fault: Fault) -> None:
    outcome = run(lambda call: Said(fault, 0.01) if call.sample == 48 else Said(GOOD), 49)
    assert isinstance(outcome.stopped_by, EndpointStopped)
    assert "no answer for 6" in outcome.why
    assert ("too large for the endpoint's limit" in outcome.why) is (fault is RATE_LIMITED)
    assert (outcome.dead, outcome.made) == ({}, everybody(48))
    assert 3_600 <= outcome.ended_at <= 3_700
    assert outcome.tries[48] <= 3_600 / 15 + 30


@pytest.mark.parametrize("slots", [1, 2, 8])
def test_promise_9_samples_that_are_always_refused_among_answers_are_dead_and_hold_nobody_up_for_good(
    slots: int,
) -> None:
    """As many as there are workers, too: who was refused alone makes room for others."""
    outcome = run(lambda call: Said(RATE_LIMITED, 0.01) if call.sample in (5, 6) else Said(GOOD), 96, concurrency=slots)
    assert (outcome.why, outcome.dead) == ("", {5: "rate_limited", 6: "rate_limited"})
    assert outcome.made == everybody(96) - {5, 6}
    assert outcome.ended_at <= 3_600


def test_nobody_is_called_too_large_where_many_are_refused_for_an_hour() -> None:
    outcome = run(lambda call: Said(GOOD) if call.at < 5 else Said(RATE_LIMITED, 0.01), 100)
    assert "no answer for 60 minutes" in outcome.why
    assert "too large" not in outcome.why
    assert outcome.dead == {}


def test_promise_6_a_provider_that_refuses_many_calls_for_their_rate_loses_nothing() -> None:
    limited = replace(RATE_LIMITED, retry_after_s=2.0)
    outcome = run(lambda call: Said(limited, 0.01) if call.number % 13 == 5 else Said(GOOD, 0.1), 200)
    assert (outcome.why, outcome.dead, len(outcome.made)) == ("", {}, 200)


@pytest.mark.parametrize("slots", SLOTS)
@pytest.mark.parametrize("fault", [SERVER_ERROR, BAD_GATEWAY, BAD_JSON, GATEWAY_TIMEOUT], ids=by_reason)
def test_every_fifth_call_failing_costs_time_and_no_sample(fault: Fault, slots: int) -> None:
    rng = random.Random(slots)
    outcome = run(lambda _: Said(fault, 0.1) if rng.random() < 0.2 else Said(GOOD, 0.5), 300, concurrency=slots)
    assert (outcome.why, len(outcome.made) + len(outcome.dead)) == ("", 300)
    if fault.max_tries is None:
        assert outcome.dead == {}


def test_max_attempts_of_one_gives_up_at_the_first_fault_once_others_are_answered() -> None:
    outcome = run(lambda call: Said(SERVER_ERROR) if call.sample == 5 else Said(GOOD), 48, rules=Rules(1, 0))
    assert outcome.dead == {5: "server_error"}
