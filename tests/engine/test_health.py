"""What many faults say of the endpoint: when only probes go, and when the run stops."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field

import pytest

from asyncsynth.engine.health import (
    AGAIN_S,
    FAILING_S,
    FIRST_ALIKE,
    OUTAGE_S,
    PASSING_S,
    USELESS_ALIKE,
    Health,
    Trouble,
    trouble_of,
)
from asyncsynth.values import Billing, Fault
from tests.engine.faults import (
    BAD_GATEWAY,
    BAD_JSON,
    BAD_KEY,
    BAD_REQUEST,
    EMPTY,
    GATEWAY_TIMEOUT,
    HTML,
    NO_CREDIT,
    OVERLOADED,
    RATE_LIMITED,
    REJECTED,
    SERVER_ERROR,
    UNREACHABLE,
)

USELESS = [BAD_REQUEST, REJECTED, EMPTY, BAD_JSON]
PASSING = [BAD_GATEWAY, SERVER_ERROR, GATEWAY_TIMEOUT]
LATER_ALIKE = 70  # more than luck allows, whatever was before


@dataclass
class Run:
    """Calls of different samples, as the pipeline tells their health."""

    health: Health = field(default_factory=lambda: Health(max_attempts=3))
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def send(self) -> int:
        number = next(self.numbers)
        self.health.on_send(number)
        return number

    def answer(self, times: int = 1) -> None:
        for _ in range(times):
            self.health.on_answer(self.send(), 100)

    def fault(self, fault: Fault, at: float = 0.0, *, number: int | None = None, key: str | None = None) -> str | None:
        number = self.send() if number is None else number
        self.health.on_fault(number, key or f"key {number}", fault, at, cost=0 if fault.billing is Billing.NO else 10)
        return self.health.why_stop(fault, at)

    def faults(self, fault: Fault, times: int, *, every_s: float = 0.0, key: str | None = None) -> list[str | None]:
        return [self.fault(fault, every_s * n, key=key) for n in range(times)]


def doubtful(run: Run) -> bool:
    return run.health.doubtful


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (RATE_LIMITED, Trouble.BUSY),
        (OVERLOADED, Trouble.BUSY),
        (UNREACHABLE, Trouble.AWAY),
        (BAD_GATEWAY, Trouble.AWAY),
        (GATEWAY_TIMEOUT, Trouble.AWAY),
        (SERVER_ERROR, Trouble.FAILING),
        (HTML, Trouble.USELESS),
        (BAD_JSON, Trouble.USELESS),
        (BAD_REQUEST, Trouble.USELESS),
        (REJECTED, Trouble.USELESS),
    ],
    ids=lambda value: value.reason if isinstance(value, Fault) else value.name,
)
def test_the_flags_of_a_fault_tell_what_it_may_mean_for_the_run(fault: Fault, trouble: Trouble) -> None:
    assert trouble_of(fault) is trouble


def test_a_stop_row_stops_at_once() -> None:
    assert Run().fault(NO_CREDIT) == "no credit"


@pytest.mark.parametrize("fault", USELESS, ids=lambda fault: fault.reason)
def test_the_first_calls_failed_alike_stop_the_run_with_the_endpoints_words(fault: Fault) -> None:
    run = Run()
    whys = run.faults(fault, FIRST_ALIKE)
    assert whys[:-1] == [None] * (FIRST_ALIKE - 1)
    how = "were all refused" if fault.refused else "all failed"
    assert whys[-1] == f"the first 5 calls {how} alike, and none was answered: {fault.message}"


@pytest.mark.parametrize("fault", USELESS, ids=lambda fault: fault.reason)
@pytest.mark.parametrize(("answers", "alike"), [(1, 63), (10, 13), (16, 10), (1_000, 10)])
def test_many_alike_stop_the_run_at_any_time(fault: Fault, answers: int, alike: int) -> None:
    run = Run()
    run.answer(answers)
    whys = run.faults(fault, alike)
    assert whys[:-1] == [None] * (alike - 1)
    assert f"the last {alike} calls" in (whys[-1] or "")


def test_an_answer_between_begins_the_count_anew() -> None:
    run = Run()
    for _ in range(100):
        assert run.faults(BAD_REQUEST, FIRST_ALIKE - 1) == [None] * (FIRST_ALIKE - 1)
        run.answer()


def test_different_faults_are_not_alike() -> None:
    run = Run()
    for fault in [BAD_REQUEST, REJECTED, EMPTY, BAD_JSON] * (FIRST_ALIKE - 1):
        assert run.fault(fault) is None


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_healthy_run_in_which_many_samples_are_refused_goes_on(share: float) -> None:
    rng, run = random.Random(7), Run()
    run.answer()
    for _ in range(20_000):
        if rng.random() < share:
            assert run.fault(BAD_REQUEST) is None
        else:
            run.answer()


def test_quick_refusals_do_not_win_the_race_against_slow_answers() -> None:
    """A fifth of the samples is refused at once, the others take long: all of the first news is bad."""
    run, slow = Run(), []
    for _ in range(16):
        assert run.fault(BAD_REQUEST) is None
        slow += [run.send() for _ in range(4)]
    assert not doubtful(run)
    assert run.faults(BAD_REQUEST, 20) == [None] * 20
    assert doubtful(run), "so many are no luck, but those under way may be good"
    run.health.on_answer(slow[-1], 100)
    assert not doubtful(run)


def test_an_answer_to_a_call_that_was_sent_before_disproves_nothing() -> None:
    """The credit ran out while it was under way."""
    run = Run()
    run.answer(100)
    before = [run.send() for _ in range(8)]
    run.faults(BAD_REQUEST, USELESS_ALIKE)
    for number in before:
        assert doubtful(run)
        run.health.on_answer(number, 100)
    assert "the last 11 calls were all refused alike" in (run.fault(BAD_REQUEST) or "")


def test_the_run_stops_when_the_last_call_under_way_was_no_better() -> None:
    run = Run()
    run.answer(100)
    slow = [run.send() for _ in range(3)]
    assert run.faults(BAD_REQUEST, LATER_ALIKE) == [None] * LATER_ALIKE
    assert run.fault(BAD_REQUEST, number=slow[0]) is None
    assert run.fault(SERVER_ERROR, number=slow[1]) is None
    assert "refused alike" in (run.fault(BAD_REQUEST, number=slow[2]) or "")


def test_one_sample_that_fails_again_and_again_is_not_the_endpoint_once_others_were_answered() -> None:
    run = Run()
    run.answer(100)
    assert run.faults(BAD_JSON, LATER_ALIKE, key="the same") == [None] * LATER_ALIKE
    assert run.health.is_the_samples_own(BAD_JSON, 0.0)


def test_faults_of_three_samples_are_not_their_own() -> None:
    run = Run()
    run.answer(100)
    for key in ("one", "two", "three"):
        run.fault(BAD_JSON, key=key)
    assert not run.health.is_the_samples_own(BAD_JSON, 0.0)


def test_the_last_sample_of_a_run_is_blamed_for_an_outage_only_when_outages_are_mostly_over() -> None:
    run = Run()
    run.answer(100)
    run.fault(BAD_GATEWAY, 0.0, key="last")
    assert not run.health.is_the_samples_own(BAD_GATEWAY, PASSING_S - 1)
    assert run.health.is_the_samples_own(BAD_GATEWAY, PASSING_S)


def test_when_the_last_hope_was_answered_and_nothing_sent_since_then_the_run_stops() -> None:
    """There may be no further fault to stop it with: the run's last samples were all of no use."""
    run = Run()
    run.answer(20)
    hopes = [run.send(), run.send()]
    assert run.faults(EMPTY, 15) == [None] * 15
    for number, stops in zip(hopes, (False, True), strict=True):
        run.health.on_answer(number, 100)
        stop = run.health.last_hope_gone(1.0)
        assert (stop is not None) is stops
    assert stop is not None
    assert stop[1] is EMPTY
    assert "the last 15 calls all failed alike" in stop[0]


def test_an_odd_401_is_tried_again_whatever_is_answered_meanwhile() -> None:
    run = Run()
    run.answer(20)
    early = run.send()
    run.fault(BAD_KEY)
    run.health.on_answer(early, 100)
    assert run.health.doubtful
    assert run.health.last_hope_gone(1.0) is None


def test_nobody_pays_twice_to_see_whether_a_silence_is_over_before_a_minute_has_passed() -> None:
    run = Run()
    number = run.send()
    run.fault(GATEWAY_TIMEOUT, 10.0, number=number)
    assert run.health.seconds_to_wait(GATEWAY_TIMEOUT, number, 30.0) == AGAIN_S - 20.0
    assert run.health.seconds_to_wait(GATEWAY_TIMEOUT, number, 100.0) == 0.0
    run.answer()
    assert run.health.seconds_to_wait(GATEWAY_TIMEOUT, number, 30.0) == 0.0


def test_promise_6_being_unreachable_is_never_a_samples_fault() -> None:
    run = Run()
    run.answer(100)
    run.fault(UNREACHABLE, 0.0, key="last")
    assert not run.health.is_the_samples_own(UNREACHABLE, 10 * OUTAGE_S)


def test_html_twice_running_stops() -> None:
    run = Run()
    assert run.fault(HTML) is None
    assert "2 times running: is endpoint.base_url right?" in (run.fault(HTML) or "")


def test_a_few_pages_of_html_after_answers_go_on_and_nothing_but_pages_stops() -> None:
    run = Run()
    run.answer(100)
    whys = run.faults(HTML, USELESS_ALIKE)
    assert whys[:-1] == [None] * (USELESS_ALIKE - 1)
    assert "10 times running" in (whys[-1] or "")


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.reason)
@pytest.mark.parametrize("answers", [0, 100])
def test_promise_6_an_outage_of_two_minutes_is_probed_and_stops_nothing(fault: Fault, answers: int) -> None:
    run = Run()
    run.answer(answers)
    whys = run.faults(fault, 12, every_s=PASSING_S / 12)
    assert whys == [None] * 12
    assert run.health.doubtful


@pytest.mark.parametrize(
    ("fault", "answers", "patience_s", "words"),
    [
        (BAD_GATEWAY, 0, PASSING_S, "no answer for 2 minutes: 502"),
        (SERVER_ERROR, 0, PASSING_S, "no answer for 2 minutes: 500"),
        (SERVER_ERROR, 100, FAILING_S, "no answer for 5 minutes: 500"),
        (BAD_GATEWAY, 100, OUTAGE_S, "no answer for 60 minutes: 502"),
        (UNREACHABLE, 100, OUTAGE_S, "no answer for 60 minutes: connection refused"),
        (OVERLOADED, 0, OUTAGE_S, "no answer for 60 minutes: 503"),
        (OVERLOADED, 100, OUTAGE_S, "no answer for 60 minutes: 503"),
        (RATE_LIMITED, 100, OUTAGE_S, "no answer for 60 minutes: 429"),
    ],
)
def test_an_outage_that_does_not_pass_stops_with_the_endpoints_words(
    fault: Fault, answers: int, patience_s: float, words: str
) -> None:
    run = Run()
    run.answer(answers)
    assert run.faults(fault, 10, every_s=(patience_s - 1) / 10) == [None] * 10
    assert run.fault(fault, patience_s) == words


def test_an_answer_begins_the_patience_anew() -> None:
    run = Run()
    run.answer()
    run.fault(RATE_LIMITED, 0.0)
    run.answer()
    assert run.fault(RATE_LIMITED, OUTAGE_S) is None


def test_an_outage_is_waited_for_while_a_call_under_way_may_be_good() -> None:
    run = Run()
    slow = run.send()
    assert run.faults(SERVER_ERROR, 20, every_s=60.0) == [None] * 20
    assert "no answer" in (run.fault(SERVER_ERROR, 1_300.0, number=slow) or "")


def test_an_endpoint_that_never_answered_stops_after_max_attempts() -> None:
    run = Run()
    assert run.faults(UNREACHABLE, 2, every_s=1.0) == [None, None]
    assert "3 tries running: is endpoint.base_url right?" in (run.fault(UNREACHABLE, 2.0) or "")


def test_many_workers_that_knock_at_once_make_one_try() -> None:
    assert Run().faults(UNREACHABLE, 64, every_s=0.001) == [None] * 64


@pytest.mark.parametrize("status", [401, 403, 404])
def test_one_odd_refusal_of_the_account_after_answers_is_tried_again_once(status: int) -> None:
    odd = Fault("odd", BAD_KEY.action, BAD_KEY.billing, "odd", status=status)
    run = Run()
    run.answer()
    first, second = run.send(), run.send()
    run.fault(odd, number=first)
    run.fault(odd, number=second)
    assert run.health.tries_again(first, odd)
    assert run.health.tries_again(second, odd), "it was under way"
    assert run.health.doubtful
    third = run.send()
    assert run.fault(odd, number=third) == "odd"
    assert not run.health.tries_again(third, odd)


def test_a_refusal_of_the_account_is_odd_again_after_an_answer() -> None:
    run = Run()
    for _ in range(3):
        run.answer()
        number = run.send()
        run.fault(BAD_KEY, number=number)
        assert run.health.tries_again(number, BAD_KEY)


@pytest.mark.parametrize(("fault", "answers"), [(BAD_KEY, 0), (NO_CREDIT, 100)])
def test_what_is_not_odd_is_not_tried_again(fault: Fault, answers: int) -> None:
    run = Run()
    run.answer(answers)
    number = run.send()
    run.fault(fault, number=number)
    assert not run.health.tries_again(number, fault)


def test_where_the_cap_is_full_of_what_may_have_been_billed_for_nothing_the_endpoint_is_named() -> None:
    run = Run()
    assert run.health.why_no_money(10) is None
    for _ in range(2):
        run.fault(SERVER_ERROR)
    assert run.health.why_no_money(10) is None, "it bills nothing"
    run.fault(BAD_GATEWAY)
    assert run.health.why_no_money(10) is None, "one more call makes no difference"
    run.fault(BAD_GATEWAY)
    assert "502" in (run.health.why_no_money(10) or "")
    run.answer()
    assert run.health.why_no_money(10) is None
