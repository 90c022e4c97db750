"""What follows from a fault for its sample: no dead letter without proof that the endpoint was well."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from asyncsynth.engine.health import Health
from asyncsynth.engine.verdict import History, Rules, Step, is_buried, named, next_step
from asyncsynth.values import Fault, Need, Permit
from tests.engine.faults import (
    BAD_GATEWAY,
    BAD_JSON,
    BAD_REQUEST,
    GATEWAY_TIMEOUT,
    NO_CREDIT,
    RATE_LIMITED,
    REJECTED,
    SERVER_ERROR,
    UNREACHABLE,
)

RULES = Rules(max_attempts=3, max_reasks=1)


@dataclass
class One:
    """One sample, and others that are answered."""

    rules: Rules = RULES
    health: Health = field(default_factory=lambda: Health(max_attempts=3))
    history: History = field(default_factory=History)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def send(self) -> Permit:
        permit = Permit(next(self.numbers), Need(100, None, 100), 0.0)
        self.health.on_send(permit.number)
        return permit

    def fails(self, fault: Fault, at: float = 0.0, *, permit: Permit | None = None, own: bool = False) -> Step:
        permit = permit or self.send()
        self.health.on_fault(permit.number, "key", fault, at)
        self.history.add(fault, permit, self.health)
        return next_step(fault, self.history, self.rules, own=own)

    def other_answered(self) -> None:
        self.health.on_answer(self.send().number, 100)

    def fails_among_answers(self, *faults: Fault) -> list[Step]:
        steps = []
        for fault in faults:
            steps.append(self.fails(fault))
            self.other_answered()
        return steps


def test_a_sample_is_tried_max_attempts_times_while_others_are_answered() -> None:
    assert One().fails_among_answers(*[SERVER_ERROR] * 3) == [Step.RETRY, Step.RETRY, Step.GIVE_UP]


@pytest.mark.parametrize("fault", [SERVER_ERROR, BAD_GATEWAY, BAD_JSON], ids=lambda fault: fault.reason)
def test_promise_6_attempts_do_not_count_while_nothing_is_answered(fault: Fault) -> None:
    sample = One()
    assert [sample.fails(fault) for _ in range(100)] == [Step.RETRY] * 100
    assert sample.fails_among_answers(fault, fault, fault) == [Step.RETRY, Step.RETRY, Step.GIVE_UP]


def test_promise_6_an_answer_to_a_call_sent_before_the_outage_is_no_proof() -> None:
    sample = One(Rules(max_attempts=2, max_reasks=0))
    before = sample.send()
    sample.fails(BAD_GATEWAY)
    sample.health.on_answer(before.number, 100)
    assert sample.fails(BAD_GATEWAY) is Step.RETRY


def test_promise_6_a_connection_that_was_never_made_is_no_attempt() -> None:
    assert One().fails_among_answers(*[UNREACHABLE] * 50) == [Step.RETRY] * 50


def test_a_rate_limit_does_not_count_as_an_attempt() -> None:
    assert One().fails_among_answers(*[RATE_LIMITED] * 50, SERVER_ERROR) == [Step.AGAIN] * 50 + [Step.RETRY]


def test_the_faults_of_one_sample_that_is_left_are_its_own() -> None:
    sample = One()
    sample.other_answered()
    assert [sample.fails(BAD_JSON, own=True) for _ in range(3)] == [Step.RETRY, Step.RETRY, Step.GIVE_UP]


def test_a_gateways_time_limit_is_tried_twice_the_second_time_after_something_good() -> None:
    assert One().fails_among_answers(GATEWAY_TIMEOUT, GATEWAY_TIMEOUT) == [Step.WAIT, Step.GIVE_UP]


def test_a_gateways_time_limit_is_not_tried_a_third_time_while_nothing_is_answered() -> None:
    sample = One()
    assert [sample.fails(GATEWAY_TIMEOUT), sample.fails(GATEWAY_TIMEOUT)] == [Step.WAIT, Step.PARK]
    sample.other_answered()
    assert sample.fails(GATEWAY_TIMEOUT) is Step.GIVE_UP


def test_an_illegible_reply_with_fewer_tries_ends_sooner() -> None:
    no_answer = replace(BAD_JSON, reason="no_answer", max_tries=2)
    assert One(Rules(6, 0)).fails_among_answers(no_answer, SERVER_ERROR) == [Step.RETRY, Step.RETRY]
    assert One(Rules(6, 0)).fails_among_answers(no_answer, no_answer) == [Step.RETRY, Step.GIVE_UP]


def test_a_paid_and_rejected_answer_is_bought_again_only_as_often_as_the_config_allows() -> None:
    assert One(Rules(6, 0)).fails(REJECTED) is Step.CONDEMN
    sample = One(Rules(6, 1))
    assert [sample.fails(REJECTED), sample.fails(REJECTED)] == [Step.AGAIN, Step.CONDEMN]


def test_a_refused_request_is_not_sent_again() -> None:
    assert One().fails(BAD_REQUEST) is Step.CONDEMN


def test_what_stops_the_run_is_no_end_of_the_sample() -> None:
    assert One().fails(NO_CREDIT) is Step.STOP


def test_an_odd_stop_that_is_tried_again_does_not_count() -> None:
    sample = One(Rules(max_attempts=1, max_reasks=0))
    assert sample.fails(replace(NO_CREDIT, action=SERVER_ERROR.action, counts=False)) is Step.RETRY


def test_at_a_natural_end_the_condemned_are_dead() -> None:
    assert is_buried(BAD_REQUEST, complete=True, stopped_for=None)


@pytest.mark.parametrize(
    ("fault", "stopped_for", "buried"),
    [
        (BAD_REQUEST, "bad_request", False),
        (REJECTED, "content_filter", False),
        (BAD_REQUEST, None, False),
        (REJECTED, None, True),
        (REJECTED, "no_credit", True),
    ],
)
def test_where_the_run_ended_early_only_what_was_paid_is_dead_and_not_what_showed_why(
    fault: Fault, stopped_for: str | None, buried: bool
) -> None:
    assert is_buried(fault, complete=False, stopped_for=stopped_for) is buried


def test_a_dead_letter_has_the_faults_own_words() -> None:
    sample = One()
    sample.fails(BAD_REQUEST)
    assert named(BAD_REQUEST, sample.history) is BAD_REQUEST
