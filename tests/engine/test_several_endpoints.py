"""Several endpoints share a run: each at its own pace, and what one of them can't do the others do."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from asyncsynth.config import Limits
from asyncsynth.errors import EndpointStopped
from asyncsynth.values import Action, Answer, Billing, Fault, RateHints
from tests.engine.virtual_run import GOOD, Outcome, Provider, Said, Seen, everybody, run_on

NO_KEY = Fault("unauthorized", Action.STOP, Billing.NO, "401: the key was refused", status=401)
NO_CREDIT = Fault("no_credit", Action.STOP, Billing.NO, "402: no credit", status=402)
REFUSED = Fault("bad_request", Action.DEAD, Billing.NO, "400: no such parameter", status=400, refused=True)
LIMITED = Fault("rate_limited", Action.PAUSE, Billing.NO, "429", status=429, retry_after_s=60.0, counts=False)
AWAY = Fault("unreachable", Action.RETRY, Billing.NO, "refused", counts=False, reached=False, answered=False)
BROKEN = Fault("server_error", Action.RETRY, Billing.MAYBE, "500", status=500)


def answering(latency_s: float = 1.0) -> Provider:
    return lambda _: Said(GOOD, latency_s)


def failing(fault: Fault, *, after: int = 0, latency_s: float = 0.1) -> Provider:
    return lambda seen: Said(GOOD if seen.number <= after else fault, latency_s)


def most_in_a_minute(outcome: Outcome) -> int:
    times = [call.at for call in outcome.calls]
    return max((sum(start <= at < start + 60.0 for at in times) for start in times), default=0)


def test_promise_7_all_are_used_to_the_brim_and_no_limit_is_passed() -> None:
    """What three can do alone in a second, together: 9.91 by its requests, 0.99 by its requests, 2 by its slots."""
    providers = [
        (answering(1.5), Limits(concurrency=32, requests_per_minute=600)),
        (answering(0.2), Limits(concurrency=8, requests_per_minute=60)),
        (answering(2.0), Limits(concurrency=4)),
    ]
    outcomes = run_on(providers, 4_000)
    assert outcomes[0].made == everybody(4_000)
    alone = 0.991 * 10 + 0.991 * 1 + 2.0
    assert 4_000 / outcomes[0].ended_at >= 0.97 * alone
    assert most_in_a_minute(outcomes[0]) <= 600
    assert most_in_a_minute(outcomes[1]) <= 60
    assert outcomes[2].most_in_flight <= 4


def test_the_last_samples_are_not_left_to_a_slow_one() -> None:
    """Without a common line, those that wait for the slow one would keep the run alone at its end."""
    providers = [
        (answering(0.1), Limits(concurrency=8, requests_per_minute=6)),
        (answering(0.1), Limits(concurrency=8)),
    ]
    outcomes = run_on(providers, 400)
    assert outcomes[0].ended_at < 10.0


@pytest.mark.parametrize("fault", [NO_CREDIT, NO_KEY], ids=lambda fault: str(fault.status))
@pytest.mark.parametrize("after", [0, 50])
def test_one_that_stops_leaves_the_rest_to_the_others_with_a_word(fault: Fault, after: int) -> None:
    stopped, working = run_on(
        [(failing(fault, after=after), Limits(concurrency=8)), (answering(), Limits(concurrency=8))], 300
    )
    assert working.made == everybody(300)
    assert working.dead == {}
    assert working.stopped_by is None
    (note,) = working.notes
    assert "number 0" in note
    assert fault.message in note
    assert len(stopped.calls) < after + 40, "and nothing more is sent there"


def test_the_run_stops_when_the_last_one_does() -> None:
    first, _ = run_on(
        [
            (failing(NO_CREDIT, after=20), Limits(concurrency=8)),
            (failing(replace(NO_CREDIT, message="402: none here either"), after=40), Limits(concurrency=8)),
        ],
        300,
    )
    assert isinstance(first.stopped_by, EndpointStopped)
    assert "402" in first.why
    assert first.dead == {}
    assert len(first.made) == 60


def test_what_one_refuses_always_is_not_dead_where_another_makes_it() -> None:
    refusing, working = run_on(
        [(failing(REFUSED), Limits(concurrency=4)), (answering(0.3), Limits(concurrency=4))], 200
    )
    assert (working.made, working.dead) == (everybody(200), {})
    assert len(refusing.calls) < 40


def test_what_an_endpoint_refuses_that_is_well_is_dead() -> None:
    """One sample is no good, and the endpoint that says so answers the others."""

    def picky(seen: Seen) -> Said:
        return Said(REFUSED if seen.sample == 7 else GOOD, 0.5)

    first, _ = run_on([(picky, Limits(concurrency=4)), (picky, Limits(concurrency=4))], 200)
    assert first.dead == {7: "bad_request"}
    assert first.made == everybody(200) - {7}


def test_one_that_can_not_be_reached_holds_up_nobody() -> None:
    away, working = run_on([(failing(AWAY), Limits(concurrency=8)), (answering(), Limits(concurrency=8))], 400)
    assert working.made == everybody(400)
    assert working.ended_at < 1.15 * 400 / 8
    assert len(away.calls) < 100, "six tries of eight slots, and some while they end"


@pytest.mark.parametrize("fault", [LIMITED, AWAY, BROKEN], ids=lambda fault: fault.reason)
def test_trouble_of_one_in_the_middle_holds_up_nobody_and_kills_nothing(fault: Fault) -> None:
    """The other one alone takes 50 s for 400."""
    _, working = run_on([(failing(fault, after=40), Limits(concurrency=8)), (answering(), Limits(concurrency=8))], 400)
    assert (working.made, working.dead) == (everybody(400), {})
    assert working.ended_at < 55.0


def test_promise_6_what_never_fits_one_is_made_by_another() -> None:
    small = replace(LIMITED, retry_after_s=1.0, hints=RateHints(limit_tokens=100))

    def narrow(seen: Seen) -> Said:
        return Said(small if seen.sample % 50 == 7 else GOOD, 0.2)

    first, _ = run_on(
        [(narrow, Limits(concurrency=4)), (answering(30.0), Limits(concurrency=1))],
        200,
    )
    assert (first.made, first.dead) == (everybody(200), {})


def test_promise_11_money_is_one_for_all() -> None:
    """Each call takes at most 40 x 2 + 200 x 2 picodollars of a cap for some of them."""
    cap_usd = 100_000e-12
    outcomes = run_on(
        [(answering(0.1), Limits(concurrency=8, max_cost_usd=cap_usd)), (answering(0.1), Limits(concurrency=8))], 2_000
    )
    answers = sum(isinstance(said.outcome, Answer) for outcome in outcomes for said in outcome.said)
    assert answers * 200 <= 100_000
    assert outcomes[0].why.startswith("the next call can cost")
