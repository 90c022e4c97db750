"""What a wire format must do, and how it writes JSON."""

from __future__ import annotations

import json
from typing import Any, Protocol

import orjson

from asyncsynth.provider.classify import About
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.values import Answer, Fault, Request


class Wire(Protocol):
    """One format with one model and its parameters."""

    @property
    def model(self) -> str: ...

    @property
    def path(self) -> str:
        """What follows base_url."""

    def body(self, request: Request) -> bytes:
        """The request as it is sent: JSON in one line."""

    def parse(
        self, reply: HttpReply, request: Request, about: About, now: float, *, keep_truncated: bool = True
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
