"""One call of an HttpEndpoint to a scripted server, and what a fault must look like."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from asyncsynth.provider.access import bearer
from asyncsynth.provider.api_key import ApiKey
from asyncsynth.provider.endpoint import MAX_BODY_BYTES, HttpEndpoint
from asyncsynth.provider.faults import ROW_OF
from asyncsynth.provider.transport.contract import Transport
from asyncsynth.provider.transport.pool import Pool
from asyncsynth.provider.transport.session import Session
from asyncsynth.provider.wires import wire_of
from asyncsynth.values import Api, Fault, Reply
from tests.provider.scripted import CANARY, Turn, http, request, scripted

APIS: tuple[Api, ...] = ("chat", "completions")  # which share their replies' shape
NOW = 1_795_342_051.0
TRANSPORTS: dict[str, Callable[..., Transport]] = {"own": Pool, "aiohttp": Session}
carrier = "own"  # which of them carries the calls; set by the fixture of that name
both_apis = pytest.mark.parametrize("api", APIS)


def endpoint(base_url: str, api: Api = "chat", *, timeout_s: float = 30.0, **more: Any) -> HttpEndpoint:
    wire = wire_of(api, "gpt-x", {"temperature": 1.0})
    more = {"access": bearer(ApiKey(CANARY)), "open_transport": TRANSPORTS[carrier], **more}
    return HttpEndpoint(base_url, wire, timeout_s=timeout_s, now=lambda: NOW, **more)


def error(code: str | int | None, message: str = "Words.") -> dict[str, Any]:
    return {"error": {"message": message, "type": "x", "code": code}}


def cut(data: bytes) -> bytes:
    return data[: len(data) - 40]


@cache
def bomb() -> bytes:
    return http(200, gzip.compress(b" " * (MAX_BODY_BYTES + 2**20), 9), {"content-encoding": "gzip"})


async def one_call(turn: Turn, api: Api = "chat", **more: Any) -> Reply:
    async with scripted(turn) as server, endpoint(server.base_url, api, **more) as calls:
        return await calls.send(request())


async def one_fault(turn: Turn, api: Api = "chat", **more: Any) -> Fault:
    outcome = (await one_call(turn, api, **more)).outcome
    assert isinstance(outcome, Fault), outcome
    return outcome


def assert_on_row(fault: Fault, reason: str) -> None:
    row = ROW_OF[reason]
    assert fault.reason == reason, fault.message
    assert (fault.action, fault.billing, fault.counts) == (row.action, row.billing, row.counts)
    assert (fault.overload, fault.max_tries) == (row.overload, row.max_tries)
    assert CANARY not in repr(fault)
