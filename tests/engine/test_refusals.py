"""The 429s of one sample: none is dropped that could be answered later, and each has its end."""

from __future__ import annotations

import itertools
import random

import pytest
from msgspec.structs import replace

from asyncsynth.engine.health import Health
from asyncsynth.engine.refusals import REFUSED_ALONE
from asyncsynth.engine.verdict import History, Rules, Step, named, next_step
from asyncsynth.values import Fault, Need, Permit, RateHints
from tests.engine.faults import RATE_LIMITED, SERVER_ERROR

RULES = Rules(max_attempts=3, max_reasks=1)
NUMBERS = itertools.count(1)


def sent(tokens: int = 100, *, alone: bool = False) -> Permit:
    return Permit(next(NUMBERS), Need(tokens, None, tokens), 0.0, alone=alone)


def refused(history: History, health: Health, permit: Permit, fault: Fault = RATE_LIMITED) -> Step:
    """What the pipeline does when a call is refused."""
    health.on_send(permit.number)
    health.on_fault(permit.number, "key", fault, 100.0)
    history.add(fault, permit, health)
    return next_step(fault, history, RULES, own=False)


def answered(health: Health, times: int = 1, *, tokens: int = 100) -> None:
    for _ in range(times):
        number = next(NUMBERS)
        health.on_send(number)
        health.on_answer(number, tokens)


def test_promise_6_a_sample_refused_in_the_crowd_is_never_given_up_and_goes_first() -> None:
    """Others are answered before it again and again, as where the provider counts more than we can know."""
    history, health = History(), Health(3)
    for _ in range(1_000):
        answered(health, 10)
        assert refused(history, health, sent()) is Step.AGAIN
        assert history.goes_first


def test_promise_6_a_storm_refuses_it_alone_for_long_and_drops_nothing() -> None:
    history, health = History(), Health(3)
    answered(health, 1_000)
    for _ in range(240):
        assert refused(history, health, sent(alone=True)) is Step.WAIT
    assert not history.goes_first


@pytest.mark.parametrize(("storms", "answers"), [(REFUSED_ALONE - 1, 10_000), (2 * REFUSED_ALONE, 5)])
def test_promise_6_a_storm_and_then_others_drop_nothing(storms: int, answers: int) -> None:
    """However long each is: it refuses whatever is sent, so that it is one sign and not many."""
    history, health = History(), Health(3)
    for _ in range(storms):
        for _ in range(20):
            assert refused(history, health, sent(alone=True)) is Step.WAIT
        answered(health, answers)


def test_promise_6_who_is_left_at_the_end_of_a_run_is_not_given_up_for_a_storm() -> None:
    """Though others were answered since it was refused first; nobody is left who could show that it is not all."""
    history, health = History(), Health(3)
    assert refused(history, health, sent(5_000, alone=True)) is Step.WAIT
    answered(health, 50)
    assert {refused(history, health, sent(5_000, alone=True)) for _ in range(240)} == {Step.WAIT}


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("samples", [2, 64])
def test_promise_6_429s_at_random_drop_nothing(share: float, samples: int) -> None:
    """Even if each call were sent alone."""
    rng, health = random.Random(1), Health(3)
    line = [History() for _ in range(samples)]
    for _ in range(20_000):
        history = line.pop(0)
        if rng.random() < share:
            assert refused(history, health, sent(alone=True)) is Step.WAIT
        else:
            health.repeated += 0 if history.refusals is None else history.refusals.times - 1
            answered(health)
            history = History()
        line.append(history)


def test_promise_9_who_is_refused_alone_while_others_are_answered_is_given_up() -> None:
    """Nothing else was counted in the minute before, and it's too seldom to be bad luck."""
    history, health = History(), Health(3)
    taken = []
    for _ in range(REFUSED_ALONE + 2):
        taken.append(refused(history, health, sent(alone=True)))
        answered(health, 30)
    assert taken == [Step.WAIT] * 4 + [Step.GIVE_UP]


@pytest.mark.parametrize(("most_answered", "last"), [(0, Step.GIVE_UP), (1_000, Step.GIVE_UP), (1_001, Step.WAIT)])
def test_promise_9_who_is_above_the_limit_in_the_headers_is_given_up_unless_a_larger_one_was_answered(
    most_answered: int, last: Step
) -> None:
    history, health = History(), Health(3)
    answered(health, tokens=most_answered)
    limited = replace(RATE_LIMITED, hints=RateHints(limit_tokens=1_000))
    taken = [refused(history, health, sent(1_001, alone=True), limited) for _ in range(REFUSED_ALONE)]
    assert taken == [Step.WAIT] * (REFUSED_ALONE - 1) + [last]


def test_who_is_given_up_for_429s_is_told_why() -> None:
    history, health = History(), Health(3)
    limited = replace(RATE_LIMITED, hints=RateHints(limit_tokens=1_000))
    for alone in (False, True, True, True):
        refused(history, health, sent(5_000, alone=alone), limited)
    message = named(limited, history).message
    assert "at least 5,000 tokens, above the limit of 1,000 a minute" in message
    assert "429" in message
    assert named(SERVER_ERROR, history) is SERVER_ERROR
