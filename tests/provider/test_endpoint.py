"""Each row of the fault table over real sockets, for both APIs; aiohttp's own traps are in test_endpoint_traps.py."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.provider.answers import AnswerRules
from asyncsynth.provider.endpoint import reason_of
from asyncsynth.provider.faults import ROWS
from asyncsynth.provider.transport.contract import BodyCutOff, ConnectFailed, ConnectTimeout, Disconnected, NotHttp
from asyncsynth.values import Answer, Api, Fault
from tests.provider.calls import TRANSPORTS, assert_on_row, bomb, both_apis, cut, endpoint, error, one_fault
from tests.provider.certificate import server_context, trusting_context
from tests.provider.scripted import CANARY, Turn, answer, http, request, scripted

pytestmark = pytest.mark.usefixtures("carrier")


def choice_without(api: Api, name: str) -> dict[str, Any]:
    tree = answer(api, None)
    if name == "refusal":
        (tree["choices"][0]["message"] if api == "chat" else tree["choices"][0])["refusal"] = "I won't."
    return tree


Script = Callable[[Api], Turn]
PAGE = b"<!DOCTYPE html><html><head><title>Welcome</title></head></html>"

# Each row of the table by what a server does; the rest need no server that answers, and have tests of their own.
ON_THE_WIRE: dict[str, Script] = {
    "no_credit": lambda _: Turn(http(429, error("insufficient_quota"))),
    "quota_used_up": lambda _: Turn(http(429, error("rate_limit_exceeded"), {"retry-after": "21600"})),
    "bad_key": lambda _: Turn(http(401, error("invalid_api_key", f"Incorrect API key provided: {CANARY}"))),
    "proxy_login": lambda _: Turn(http(407, PAGE, {"content-type": "text/html", "proxy-authenticate": "Basic"})),
    "moderated": lambda _: Turn(
        http(403, {"error": {"code": 403, "message": "W", "metadata": {"flagged_input": "x"}}})
    ),
    "forbidden": lambda _: Turn(http(403, error("unsupported_country_region_territory"))),
    "no_model": lambda _: Turn(http(404, error("model_not_found"))),
    "redirect": lambda _: Turn(http(307, b"", {"location": "/elsewhere"})),
    "rate_limited": lambda _: Turn(http(429, error("rate_limit_exceeded"), {"retry-after": "7"})),
    "credit_later": lambda _: Turn(http(402, error(402), {"retry-after": "20"})),
    "no_capacity": lambda _: Turn(http(429, error("resource_unavailable"))),
    "overloaded": lambda _: Turn(http(529, {"type": "error", "error": {"type": "overloaded_error"}})),
    "prompt_filtered": lambda _: Turn(http(400, error("content_filter"))),
    "context_length": lambda _: Turn(http(400, error("context_length_exceeded"))),
    "too_large": lambda _: Turn(http(413, b"<html><title>Too large</title></html>")),
    "form_missed": lambda _: Turn(http(400, error("json_validate_failed"))),
    "gateway_timeout": lambda _: Turn(http(504, PAGE, {"content-type": "text/html"})),
    "conflict": lambda _: Turn(http(409, error(None))),
    "origin_unreachable": lambda _: Turn(http(521, PAGE, {"content-type": "text/html"})),
    "bad_gateway": lambda _: Turn(http(502, b"upstream connect error", {"content-type": "text/plain"})),
    "server_error": lambda _: Turn(http(500, error(None))),
    "bad_request": lambda _: Turn(http(400, error("invalid_value"))),
    "error_in_200": lambda _: Turn(http(200, {"error": "broken"})),
    "html": lambda _: Turn(http(200, PAGE, {"content-type": "text/html"})),
    "bad_json": lambda api: Turn(http(200, cut(json.dumps(answer(api)).encode()))),
    "empty_body": lambda _: Turn(http(200, b"")),
    "no_answer": lambda _: Turn(http(200, {"models": []})),
    "nothing_made": lambda api: Turn(http(200, answer(api, choices=[], usage=None))),
    "body_too_large": lambda _: Turn(bomb()),
    "unexpected_status": lambda _: Turn(http(600, b"")),
    "disconnected": lambda _: Turn(b"", "reset"),
    "body_cut_off": lambda api: Turn(cut(http(200, answer(api))), "close"),
    "bad_http": lambda _: Turn(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "close"),
    "content_filter": lambda api: Turn(http(200, answer(api, "A pl", "content_filter"))),
    "refusal": lambda api: Turn(http(200, choice_without(api, "refusal"))),
    "broken_off": lambda api: Turn(http(200, answer(api, "A pl", "abort"))),
    "empty_choices": lambda api: Turn(http(200, answer(api, choices=[]))),
    "null_content": lambda api: Turn(http(200, choice_without(api, "content"))),
    "truncated": lambda api: Turn(http(200, answer(api, "A pl", "length"))),
}
ELSEWHERE = {"parser_changed", "tls", "too_many_files", "unreachable", "read_timeout", "stray_reply", "unknown_packing"}
OF_A_PROXY = {"proxy_refused", "proxy_unreachable"}  # see test_proxies.py


def test_every_row_of_the_table_is_tried_on_a_socket() -> None:
    assert {row.reason for row in ROWS} == set(ON_THE_WIRE) | ELSEWHERE | OF_A_PROXY


@both_apis
@pytest.mark.parametrize("reason", ON_THE_WIRE)
async def test_what_a_server_does_falls_on_its_row(reason: str, api: Api) -> None:
    assert_on_row(await one_fault(ON_THE_WIRE[reason](api), api, rules=AnswerRules(keep_truncated=False)), reason)


@both_apis
async def test_a_silent_server_falls_on_the_row_read_timeout(api: Api) -> None:
    fault = await one_fault(Turn(b"", "hang"), api, timeout_s=0.2)
    assert_on_row(fault, "read_timeout")
    assert "timeout_s = 0.2" in fault.message


async def test_a_server_that_stops_in_the_middle_of_a_body_times_out() -> None:
    assert_on_row(await one_fault(Turn(cut(http(200, answer("chat"))), "hang"), timeout_s=0.2), "read_timeout")


async def test_a_refused_connection_falls_on_the_row_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        async with endpoint(base_url) as calls:
            fault = (await calls.send(request())).outcome
    assert isinstance(fault, Fault)
    assert_on_row(fault, "unreachable")
    assert base_url in fault.message
    assert "refused" in fault.message.lower()


async def test_a_name_that_does_not_resolve_falls_on_the_row_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    async with endpoint("http://api.invalid/v1") as calls:
        fault = (await calls.send(request())).outcome
    assert isinstance(fault, Fault)
    assert_on_row(fault, "unreachable")
    assert "Name or service not known" in fault.message


async def test_a_connection_that_never_stands_falls_on_the_row_unreachable() -> None:
    """A full backlog: the kernel answers no further SYN."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for taken in (first, second):
            taken.setblocking(False)
            taken.connect_ex(full.getsockname())
        async with endpoint(f"http://127.0.0.1:{full.getsockname()[1]}/v1", timeout_s=0.4) as calls:
            fault = (await calls.send(request())).outcome
    assert isinstance(fault, Fault)
    assert_on_row(fault, "unreachable")


@both_apis
async def test_an_untrusted_certificate_falls_on_the_row_tls(api: Api, tmp_path: Path) -> None:
    async with scripted(Turn(http(200, answer(api))), tls=server_context(tmp_path)) as server:
        async with endpoint(server.base_url, api) as calls:
            fault = (await calls.send(request())).outcome
        assert server.received == [], "the request was sent to somebody unknown"
    assert isinstance(fault, Fault)
    assert_on_row(fault, "tls")
    assert "certificate" in fault.message


async def test_a_trusted_certificate_lets_an_answer_through(tmp_path: Path, carrier: str) -> None:
    async with (
        scripted(Turn(http(200, answer("chat"))), tls=server_context(tmp_path)) as server,
        endpoint(server.base_url, open_transport=partial(TRANSPORTS[carrier], ssl_context=trusting_context())) as calls,
    ):
        assert isinstance((await calls.send(request())).outcome, Answer)


async def test_https_to_a_server_that_speaks_http_is_unreachable() -> None:
    async with (
        scripted(Turn(b"HTTP/1.1 400 No\r\n\r\n", "close")) as server,
        endpoint(server.base_url.replace("http:", "https:"), timeout_s=1.0) as calls,
    ):
        fault = (await calls.send(request())).outcome
    assert isinstance(fault, Fault)
    assert_on_row(fault, "unreachable")


@contextmanager
def no_file_left() -> Iterator[None]:
    """Every descriptor below the limit is taken, as in a process with too many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_no_file_left_for_a_socket_falls_on_the_row_too_many_files() -> None:
    async with scripted(Turn(http(200, answer("chat")))) as server, endpoint(server.base_url) as calls:
        with no_file_left():
            fault = (await calls.send(request())).outcome
    assert isinstance(fault, Fault)
    assert_on_row(fault, "too_many_files")


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (Disconnected(), "disconnected"),
        (OSError(errno.EPIPE, "Broken pipe"), "disconnected"),
        (ConnectFailed(OSError(errno.ENFILE, "Too many open files in system")), "too_many_files"),
        (ConnectionResetError(), "disconnected"),
        (BodyCutOff("bytes are missing"), "body_cut_off"),
        (ConnectTimeout(), "unreachable"),
        (NotHttp("no status line"), "bad_http"),
        (TimeoutError(), "read_timeout"),
        (OSError(errno.EMFILE, "Too many open files"), "too_many_files"),
    ],
    ids=lambda given: given if isinstance(given, str) else type(given).__name__,
)
def test_each_exception_has_its_row(raised: Exception, reason: str) -> None:
    assert reason_of(raised) == reason


async def test_an_aiohttp_with_another_parser_stops_the_run_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncsynth.provider.transport.replies.HttpResponseParser", lambda: None)
    fault = await one_fault(Turn(http(200, answer("chat"))), open_transport=TRANSPORTS["own"])
    assert_on_row(fault, "parser_changed")
    assert 'endpoint.transport = "aiohttp"' in fault.message
