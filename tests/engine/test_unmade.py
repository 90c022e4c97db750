"""What becomes of samples that got no answer: no dead letter before something good came from the same endpoint."""

from __future__ import annotations

from typing import Any, cast

from asyncsynth.engine.backlog import Backlog
from asyncsynth.engine.unmade import Making, Unmade
from asyncsynth.engine.verdict import History, Step
from asyncsynth.values import Fault, GivenUp, Need, Permit, Request, Sample
from tests.engine.faults import BAD_REQUEST, REJECTED


class Everybody:
    """Courses and writer in one: which keys were condemned last, and which dead letters were written."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.buried: list[GivenUp] = []

    def condemned(self, keys: set[str]) -> None:
        self.keys = keys

    def given_up(self, end: GivenUp) -> GivenUp:
        if not self.buried or self.buried[-1] is not end:
            self.buried.append(end)
        return end


class Case:
    def __init__(self) -> None:
        self.backlog: Backlog[Making] = Backlog(8)
        self.everybody = Everybody()
        it = cast("Any", self.everybody)
        self.unmade = Unmade(self.backlog, it, it, now=lambda: 0.0, on_courses=lambda: None)

    def condemn(self, key: str, fault: Fault, *, call: int, endpoint: int = 0) -> None:
        history = History()
        history.last, history.last_call, history.endpoint = fault, call, endpoint
        self.unmade.end_or_put_aside(Making(Request(Sample(key, {}, 0), 0, "ask", None), history), Step.CONDEMN)

    @property
    def dead(self) -> list[str]:
        return [end.sample.key for end in self.everybody.buried]


def answered(number: int, endpoint: int = 0) -> Permit:
    return Permit(number, Need(1, None, 1), 0.0, endpoint=endpoint)


def test_a_condemned_sample_is_buried_by_a_later_answer_of_the_same_endpoint_only() -> None:
    case = Case()
    case.condemn("a", BAD_REQUEST, call=5)
    case.unmade.on_good_news(answered(4))
    case.unmade.on_good_news(answered(6, endpoint=1))
    assert (case.dead, case.everybody.keys) == ([], {"a"})
    case.unmade.on_good_news(answered(7))
    assert case.dead == ["a"]


def test_what_a_closed_endpoint_refused_waits_for_another_and_what_was_paid_for_does_not() -> None:
    case = Case()
    case.condemn("refused", BAD_REQUEST, call=1)
    case.condemn("paid", REJECTED, call=2)
    case.condemn("elsewhere", BAD_REQUEST, call=3, endpoint=1)
    case.unmade.pass_on_from(0)
    assert case.everybody.keys == {"paid", "elsewhere"}
    assert case.backlog._lanes[0].released[0].request.sample.key == "refused"


def test_at_the_end_of_a_run_that_was_stopped_only_what_was_paid_for_is_buried() -> None:
    case = Case()
    case.condemn("refused", BAD_REQUEST, call=1)
    case.condemn("paid", REJECTED, call=2)
    case.unmade.conclude(complete=False, closed={})
    assert case.dead == ["paid"]
