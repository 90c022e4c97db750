"""Values that the tests of the store hand to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from asyncsynth.values import (
    Action,
    Answer,
    Answered,
    Billing,
    Call,
    Failed,
    Fault,
    GivenUp,
    Request,
    Row,
    Sample,
    Usage,
    Value,
)


def _key(number: int) -> str:
    return hashlib.sha256(b"%d" % number).hexdigest()[:32]


def _request(number: int, generation: int = 0) -> Request:
    combination: dict[str, Value] = {"genre": f"genre {number}", "place": {"name": "India", "year": 1990}}
    return Request(Sample(_key(number), combination, 0), generation, "text sent", None)


def row_of(request: Request, **fields: Any) -> Row:
    return Row(request.sample.combination, request.sample.repeat, fields)


@pytest.fixture
def key() -> Callable[[int], str]:
    return _key


@pytest.fixture
def call() -> Callable[..., Call]:
    def build(number: int, generation: int = 0, attempt: int = 1, sent_at: float = 1000.0) -> Call:
        return Call(_key(number), generation, attempt, sent_at, tokens=300, reserve=700)

    return build


@pytest.fixture
def answered() -> Callable[..., Answered]:
    def build(
        number: int,
        generation: int = 0,
        text: str = "an outline",
        cost: int | None = 500,
        attempts: int = 1,
        rows: tuple[Row, ...] | None = None,
    ) -> Answered:
        request = _request(number, generation)
        answer = Answer(text, "stop", Usage(50, 200), "a-model", b"{}")
        rows = (row_of(request, prompt="Plot outline: ", completion=text),) if rows is None else rows
        return Answered(request, answer, cost, attempts, 1.25, 1_795_000_051.0, rows)

    return build


@pytest.fixture
def failed() -> Callable[..., Failed]:
    def build(
        number: int, billing: Billing = Billing.NO, cost: int | None = None, attempt: int = 1, body: bytes | None = None
    ) -> Failed:
        usage = Usage(50, 7) if billing is Billing.YES else None
        fault = Fault("refusal", Action.DEAD, billing, "it refused", 200, usage=usage, body=body)
        return Failed(_key(number), 0, attempt, fault, cost, 1001.0)

    return build


@pytest.fixture
def given_up() -> Callable[..., GivenUp]:
    def build(number: int, reason: str = "refusal") -> GivenUp:
        fault = Fault(reason, Action.DEAD, Billing.YES, "it refused", 200)
        request = _request(number)
        return GivenUp(request.sample, 0, request, fault, 1, 1_795_000_051.0, (row_of(request),))

    return build
