"""What a wire format must do, and how it writes JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from asyncsynth.provider.answers import USUAL_RULES, AnswerRules
from asyncsynth.provider.classify import About
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.values import Answer, Fault, Request, Turn

NO_HEADERS: Mapping[str, str] = {}


class Wire(Protocol):
    """One format with one model and its parameters."""

    @property
    def model(self) -> str: ...

    @property
    def path(self) -> str:
        """What follows base_url."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What this format asks for beside the headers that all requests have."""

    def body(self, request: Request) -> bytes:
        """The request as it is sent: JSON in one line."""

    def parse(
        self, reply: HttpReply, request: Request, about: About, now: float, rules: AnswerRules = USUAL_RULES
    ) -> Answer | Fault:
        """What a reply means. `now` is in seconds since the epoch.

        The request stands in for a missing usage, which is estimated from its size and the answer's.
        """


def encoded(value: Any) -> bytes:
    """`value` as JSON; what orjson refuses (integers beyond 64 bits, half UTF-16 pairs) is written as ASCII escapes."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def turns_of(request: Request) -> tuple[Turn, ...]:
    """What was said so far, without the system text; the last turn is what the model answers or goes on with."""
    return request.turns or (Turn("user", request.text),)
