"""The endpoints of a run as its samples see them."""

from __future__ import annotations

from typing import Any, cast

from asyncsynth.engine.collaborators import Supplier
from asyncsynth.engine.lanes import lanes_of
from asyncsynth.engine.suppliers import Suppliers
from asyncsynth.engine.verdict import History
from asyncsynth.values import Need, Request, Sample


class Meter:
    def __init__(self, longest: float) -> None:
        self.longest = longest

    def need(self, request: Request) -> Need:
        return Need(len(request.text), None, 1, prompt_bytes=len(request.text))


def suppliers(*longest: float) -> Suppliers:
    nothing = cast("Any", None)
    each = [Supplier(str(room), nothing, {"story": cast("Any", Meter(room))}, nothing) for room in longest]
    return Suppliers(each, lanes_of(each, [1] * len(each)), max_attempts=3)


def request(text: str, step: str = "story") -> Request:
    return Request(Sample("k", {}, 0), 0, text, None, (), step)


def test_a_call_needs_nothing_of_an_endpoint_that_can_not_make_it() -> None:
    several = suppliers(10, 100, 100)
    several.closed[2] = "status_401"
    needs = several.needs(request("x" * 50), History())
    assert [need is not None for need in needs] == [False, True, False]
    refused_by_the_other = History()
    refused_by_the_other.too_large_for = frozenset({1})
    assert not any(several.needs(request("x" * 50), refused_by_the_other))
    assert not any(several.needs(request("x", step="outline"), History()))


def test_a_step_has_no_endpoint_left_when_the_last_of_its_own_is_closed() -> None:
    several = suppliers(10, 10)
    several.closed[0] = "status_401"
    assert not several.some_step_has_none
    several.closed[1] = "status_401"
    assert several.some_step_has_none
