"""What follows from a fault for its sample and for the run."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from asyncsynth.engine.verdict import (
    OUTAGE_SECONDS,
    REFUSED_ALONE,
    REFUSED_ALONE_FOR_LONG,
    Health,
    History,
    Rules,
    Step,
    named,
    next_step,
)
from asyncsynth.values import Action, Billing, Fault, Need, Permit, RateHints

RULES = Rules(max_attempts=3, max_reasks=1)
SERVER_ERROR = Fault("server_error", Action.RETRY, Billing.NO, "500")
UNREACHABLE = Fault("unreachable", Action.RETRY, Billing.NO, "connection refused", reached=False, answered=False)
RATE_LIMITED = Fault("rate_limited", Action.PAUSE, Billing.NO, "429", counts=False)
REJECTED = Fault("content_filter", Action.DEAD, Billing.YES, "filtered")
BAD_REQUEST = Fault("bad_request", Action.DEAD, Billing.NO, "400", status=400, refused=True)
HTML = Fault("html", Action.RETRY, Billing.NO, "HTML came back", page=True, answered=False)


def sent(tokens: int = 100, *, alone: bool = False) -> Permit:
    return Permit(1, Need(tokens, None, tokens), 0.0, alone=alone)


def steps(*faults: Fault, rules: Rules = RULES) -> list[Step]:
    history, health = History(), Health(rules)
    taken = []
    for fault in faults:
        history.add(fault, sent(), health)
        health.why_stop(fault, 100.0)
        taken.append(next_step(fault, history, rules))
    return taken


def refused(history: History, health: Health, permit: Permit, fault: Fault = RATE_LIMITED) -> Step:
    """What the pipeline does when a call is refused."""
    history.add(fault, permit, health)
    assert health.why_stop(fault, 100.0) is None
    return next_step(fault, history, RULES)


def answered(health: Health, times: int = 1, *, tokens: int = 100) -> None:
    for _ in range(times):
        health.on_answer(tokens)


def test_a_sample_is_tried_max_attempts_times() -> None:
    assert steps(SERVER_ERROR, SERVER_ERROR, SERVER_ERROR) == [Step.RETRY, Step.RETRY, Step.GIVE_UP]


def test_a_rate_limit_does_not_count_as_an_attempt() -> None:
    assert steps(*[RATE_LIMITED] * 50, SERVER_ERROR) == [Step.AGAIN] * 50 + [Step.RETRY]


def test_promise_6_a_sample_refused_in_the_crowd_is_never_given_up_and_goes_first() -> None:
    """Others are answered before it again and again, as where the provider counts more than we can know."""
    history, health = History(), Health(RULES)
    for _ in range(1_000):
        answered(health, 10)
        assert refused(history, health, sent()) is Step.AGAIN
        assert history.goes_first


def test_promise_6_a_storm_refuses_it_alone_for_long_and_drops_nothing() -> None:
    history, health = History(), Health(RULES)
    answered(health, 1_000)
    for _ in range(240):
        assert refused(history, health, sent(alone=True)) is Step.RETRY
    assert not history.goes_first


def test_promise_6_a_storm_and_then_another_drop_nothing() -> None:
    history, health = History(), Health(RULES)
    for _ in range(REFUSED_ALONE - 1):
        for _ in range(REFUSED_ALONE_FOR_LONG // REFUSED_ALONE):
            assert refused(history, health, sent(alone=True)) is Step.RETRY
        answered(health, 10_000)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("samples", [2, 64])
def test_promise_6_429s_at_random_drop_nothing(share: float, samples: int) -> None:
    """Even if each call were sent alone."""
    rng, health = random.Random(1), Health(RULES)
    line = [History() for _ in range(samples)]
    for _ in range(20_000):
        history = line.pop(0)
        if rng.random() < share:
            assert refused(history, health, sent(alone=True)) is Step.RETRY
        else:
            answered(health)
            history = History()
        line.append(history)


def test_promise_9_who_is_refused_alone_while_others_are_answered_is_given_up() -> None:
    """Nothing else was counted in the minute before, and it's too seldom to be bad luck."""
    history, health = History(), Health(RULES)
    taken = []
    for _ in range(REFUSED_ALONE + 2):
        taken.append(refused(history, health, sent(alone=True)))
        answered(health, 30)
    assert taken == [Step.RETRY] * 4 + [Step.GIVE_UP] + [Step.GIVE_UP] * (REFUSED_ALONE - 3)


def test_promise_9_who_is_left_alone_is_given_up_after_many_refusals() -> None:
    history, health = History(), Health(RULES)
    assert refused(history, health, sent(alone=True)) is Step.RETRY
    answered(health, 50)
    taken = [refused(history, health, sent(alone=True)) for _ in range(REFUSED_ALONE_FOR_LONG - 1)]
    assert taken == [Step.RETRY] * (REFUSED_ALONE_FOR_LONG - 2) + [Step.GIVE_UP]


@pytest.mark.parametrize(("most_answered", "last"), [(0, Step.GIVE_UP), (1_000, Step.GIVE_UP), (1_001, Step.RETRY)])
def test_promise_9_who_is_above_the_limit_in_the_headers_is_given_up_unless_a_larger_one_was_answered(
    most_answered: int, last: Step
) -> None:
    history, health = History(), Health(RULES)
    answered(health, tokens=most_answered)
    limited = replace(RATE_LIMITED, hints=RateHints(limit_tokens=1_000))
    taken = [refused(history, health, sent(1_001, alone=True), limited) for _ in range(REFUSED_ALONE)]
    assert taken == [Step.RETRY] * (REFUSED_ALONE - 1) + [last]


def test_who_is_given_up_for_429s_is_told_why() -> None:
    history, health = History(), Health(RULES)
    limited = replace(RATE_LIMITED, hints=RateHints(limit_tokens=1_000))
    for alone in (False, True, True, True):
        refused(history, health, sent(5_000, alone=alone), limited)
    message = named(limited, history).message
    assert "at least 5,000 tokens, above the limit of 1,000 a minute" in message
    assert "429" in message
    assert named(SERVER_ERROR, history) is SERVER_ERROR


def test_a_fault_with_fewer_tries_ends_sooner() -> None:
    timeout = replace(SERVER_ERROR, reason="timeout", max_tries=2)
    assert steps(timeout, SERVER_ERROR, rules=Rules(6, 0)) == [Step.RETRY, Step.RETRY]
    assert steps(timeout, timeout, rules=Rules(6, 0)) == [Step.RETRY, Step.GIVE_UP]


def test_a_paid_and_rejected_answer_is_bought_again_only_as_often_as_the_config_allows() -> None:
    assert steps(REJECTED, rules=Rules(6, 0)) == [Step.GIVE_UP]
    assert steps(REJECTED, REJECTED) == [Step.AGAIN, Step.GIVE_UP]


def test_an_unpaid_refusal_is_not_asked_again() -> None:
    assert steps(BAD_REQUEST) == [Step.GIVE_UP]


def why_stop(health: Health, fault: Fault, at: float = 100.0) -> str | None:
    return health.why_stop(fault, at)


def test_a_stop_row_stops_at_once() -> None:
    assert why_stop(Health(RULES), Fault("no_credit", Action.STOP, Billing.NO, "no credit")) == "no credit"


def test_html_twice_running_stops() -> None:
    health = Health(RULES)
    assert why_stop(health, HTML) is None
    assert "base_url right?" in (why_stop(health, HTML) or "")


def test_a_few_pages_of_html_after_an_answer_go_on_and_nothing_but_pages_stops() -> None:
    health = Health(RULES)
    answered(health)
    whys = [why_stop(health, HTML) for _ in range(10)]
    assert whys[:9] == [None] * 9
    assert "10 times running" in (whys[9] or "")


def test_an_answer_between_pages_of_html_begins_the_count_anew() -> None:
    health = Health(RULES)
    for _ in range(20):
        assert why_stop(health, HTML) is None
        answered(health)


def test_the_first_samples_refused_alike_stop() -> None:
    health = Health(RULES)
    whys = [why_stop(health, BAD_REQUEST) for _ in range(5)]
    assert whys[:4] == [None] * 4
    assert "refused alike" in (whys[4] or "")


def test_refusals_after_an_answer_do_not_stop() -> None:
    health = Health(RULES)
    answered(health)
    assert [why_stop(health, BAD_REQUEST) for _ in range(9)] == [None] * 9


def test_an_endpoint_that_never_answered_stops_after_max_attempts() -> None:
    health = Health(RULES)
    assert [why_stop(health, UNREACHABLE, at) for at in (100.0, 101.0)] == [None, None]
    assert "base_url right?" in (why_stop(health, UNREACHABLE, 102.0) or "")


def test_many_workers_that_knock_at_once_make_one_try() -> None:
    health = Health(RULES)
    assert [why_stop(health, UNREACHABLE, 100.0 + n / 1000) for n in range(64)] == [None] * 64


def test_an_endpoint_that_has_answered_is_waited_for() -> None:
    health = Health(RULES)
    answered(health)
    assert [why_stop(health, UNREACHABLE, 100.0 + n) for n in range(20)] == [None] * 20


@pytest.mark.parametrize(("later", "outage"), [(OUTAGE_SECONDS - 1, False), (OUTAGE_SECONDS, True)])
def test_nothing_but_connection_failures_for_30_seconds_is_an_outage(later: float, outage: bool) -> None:
    health = Health(RULES)
    assert health.outage(UNREACHABLE, 100.0) is False
    assert health.outage(UNREACHABLE, 100.0 + later) is outage


def test_an_answer_ends_an_outage() -> None:
    health = Health(RULES)
    health.outage(UNREACHABLE, 100.0)
    answered(health)
    assert health.outage(UNREACHABLE, 200.0) is False


@pytest.mark.parametrize("fault", [RATE_LIMITED, Fault("overloaded", Action.RETRY, Billing.NO, "503", overload=True)])
def test_an_hour_of_nothing_but_overload_stops_with_the_reason(fault: Fault) -> None:
    health = Health(RULES)
    answered(health)
    assert [why_stop(health, fault, at) for at in (0.0, 1800.0, 3599.0)] == [None] * 3
    assert "60 minutes" in (why_stop(health, fault, 3600.0) or "")


def test_an_answer_in_between_begins_the_hour_anew() -> None:
    health = Health(RULES)
    assert why_stop(health, RATE_LIMITED, 0.0) is None
    answered(health)
    assert why_stop(health, RATE_LIMITED, 3600.0) is None
