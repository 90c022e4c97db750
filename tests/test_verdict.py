"""What follows from a fault for its sample and for the run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asyncsynth.values import Action, Billing, Fault
from asyncsynth.verdict import OUTAGE_SECONDS, Health, History, Rules, Step, next_step

RULES = Rules(max_attempts=3, max_reasks=1)
SERVER_ERROR = Fault("server_error", Action.RETRY, Billing.NO, "500")
UNREACHABLE = Fault("unreachable", Action.RETRY, Billing.NO, "connection refused")
RATE_LIMITED = Fault("rate_limited", Action.PAUSE, Billing.NO, "429", counts=False)
REJECTED = Fault("content_filter", Action.DEAD, Billing.YES, "filtered")
BAD_REQUEST = Fault("bad_request", Action.DEAD, Billing.NO, "400", status=400)
HTML = Fault("html", Action.RETRY, Billing.NO, "HTML came back")


def steps(*faults: Fault, rules: Rules = RULES) -> list[Step]:
    history = History()
    taken = []
    for fault in faults:
        history.add(fault)
        taken.append(next_step(fault, history, rules))
    return taken


def test_a_sample_is_tried_max_attempts_times() -> None:
    assert steps(SERVER_ERROR, SERVER_ERROR, SERVER_ERROR) == [Step.RETRY, Step.RETRY, Step.GIVE_UP]


def test_a_rate_limit_does_not_count_as_an_attempt() -> None:
    assert steps(*[RATE_LIMITED] * 50, SERVER_ERROR) == [Step.AGAIN] * 50 + [Step.RETRY]


@pytest.mark.parametrize(("answers", "alone"), [(0, False), (19, False), (20, True), (100, True)])
def test_who_is_refused_twenty_times_while_others_are_answered_goes_alone(answers: int, alone: bool) -> None:
    history = History()
    for refusals in range(20):
        assert not history.goes_alone
        history.add(RATE_LIMITED, answers=100 + answers * refusals // 19)
        assert next_step(RATE_LIMITED, history, RULES) is Step.AGAIN
    assert history.goes_alone is alone


def test_a_sample_refused_twice_alone_while_others_are_answered_never_fits() -> None:
    history = refused_among_answers()
    history.add(RATE_LIMITED, answers=31, alone=True)
    assert next_step(RATE_LIMITED, history, RULES) is Step.AGAIN
    history.add(RATE_LIMITED, answers=32, alone=True)
    assert next_step(RATE_LIMITED, history, RULES) is Step.GIVE_UP


def test_a_storm_drops_nobody_who_goes_alone_and_a_quarter_of_an_hour_of_refusals_ends_a_sample() -> None:
    history = refused_among_answers()
    for _ in range(14):
        history.add(RATE_LIMITED, answers=30, alone=True)
        assert next_step(RATE_LIMITED, history, RULES) is Step.AGAIN
    history.add(RATE_LIMITED, answers=30, alone=True)
    assert next_step(RATE_LIMITED, history, RULES) is Step.GIVE_UP


@pytest.mark.parametrize(("tokens", "last"), [(1249, Step.AGAIN), (1250, Step.GIVE_UP)])
def test_a_sample_surely_larger_than_one_that_never_fits_need_not_go_alone(tokens: int, last: Step) -> None:
    health = Health(RULES)
    assert not health.is_too_large(10**9)
    health.on_too_large(1000)
    health.on_too_large(3000)
    history = refused_among_answers(known_too_large=health.is_too_large(tokens))
    assert next_step(RATE_LIMITED, history, RULES) is last


def refused_among_answers(*, known_too_large: bool = False) -> History:
    history = History()
    for answers in range(10, 31):
        history.add(RATE_LIMITED, answers, known_too_large=known_too_large)
    assert history.goes_alone
    return history


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
    health.on_answer()
    whys = [why_stop(health, HTML) for _ in range(10)]
    assert whys[:9] == [None] * 9
    assert "10 times running" in (whys[9] or "")


def test_an_answer_between_pages_of_html_begins_the_count_anew() -> None:
    health = Health(RULES)
    for _ in range(20):
        assert why_stop(health, HTML) is None
        health.on_answer()


def test_the_first_samples_refused_alike_stop() -> None:
    health = Health(RULES)
    whys = [why_stop(health, BAD_REQUEST) for _ in range(5)]
    assert whys[:4] == [None] * 4
    assert "refused alike" in (whys[4] or "")


def test_refusals_after_an_answer_do_not_stop() -> None:
    health = Health(RULES)
    health.on_answer()
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
    health.on_answer()
    assert [why_stop(health, UNREACHABLE, 100.0 + n) for n in range(20)] == [None] * 20


@pytest.mark.parametrize(("later", "outage"), [(OUTAGE_SECONDS - 1, False), (OUTAGE_SECONDS, True)])
def test_nothing_but_connection_failures_for_30_seconds_is_an_outage(later: float, outage: bool) -> None:
    health = Health(RULES)
    assert health.outage(UNREACHABLE, 100.0) is False
    assert health.outage(UNREACHABLE, 100.0 + later) is outage


def test_an_answer_ends_an_outage() -> None:
    health = Health(RULES)
    health.outage(UNREACHABLE, 100.0)
    health.on_answer()
    assert health.outage(UNREACHABLE, 200.0) is False


@pytest.mark.parametrize("fault", [RATE_LIMITED, Fault("overloaded", Action.RETRY, Billing.NO, "503", overload=True)])
def test_an_hour_of_nothing_but_overload_stops_with_the_reason(fault: Fault) -> None:
    health = Health(RULES)
    health.on_answer()
    assert [why_stop(health, fault, at) for at in (0.0, 1800.0, 3599.0)] == [None] * 3
    assert "60 minutes" in (why_stop(health, fault, 3600.0) or "")


def test_an_answer_in_between_begins_the_hour_anew() -> None:
    health = Health(RULES)
    assert why_stop(health, RATE_LIMITED, 0.0) is None
    health.on_answer()
    assert why_stop(health, RATE_LIMITED, 3600.0) is None
