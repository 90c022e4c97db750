"""Bytes in, bytes out: the transport is a list, and the tests decide when a request is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from asyncsynth.servers.simulator.connection import LINGER_S, MAX_BODY, Connection, Request

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


class Wire(asyncio.Transport):
    """What the server wrote, and how it ended the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = self.half_closed = self.paused = False

    def write(self, data: Any) -> None:
        assert not self.half_closed
        self.sent.append(bytes(data))

    def write_eof(self) -> None:
        self.half_closed = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Served:
    """A connection whose requests are collected and answered by hand, unless `at_once`."""

    def __init__(self, *, at_once: bool = False) -> None:
        self.at_once = at_once
        self.wire = Wire()
        self.requests: list[Request] = []
        self.standing: set[Connection] = set()
        self.connection = Connection(asyncio.get_running_loop(), self._answer, self.standing)
        self.connection.connection_made(self.wire)

    def _answer(self, request: Request, connection: Connection) -> None:
        self.requests.append(request)
        if self.at_once:
            connection.reply(OK, keep_open=request.keep_alive)

    def get(self, data: bytes) -> None:
        self.connection.data_received(data)

    async def reply(self, *, keep_open: bool = True) -> None:
        self.connection.reply(OK, keep_open=keep_open)
        await asyncio.sleep(0)

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.requests]

    @property
    def statuses(self) -> list[int]:
        return [int(one.split()[1]) for one in self.wire.sent]


def call(body: bytes, *headers: bytes, path: bytes = b"/", version: bytes = b"1.1") -> bytes:
    lines = [b"POST " + path + b" HTTP/" + version, b"host: simulator", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(*pieces: bytes) -> bytes:
    head = b"POST / HTTP/1.1\r\nhost: simulator\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in (*pieces, b""))


@pytest.mark.parametrize("request_bytes", [call(b"a body"), chunked(b"a ", b"b", b"ody")])
@pytest.mark.parametrize("step", [1, 7, 1000])
async def test_a_request_is_whole_however_its_bytes_are_cut(request_bytes: bytes, step: int) -> None:
    served = Served()
    for start in range(0, len(request_bytes), step):
        assert not served.requests
        served.get(request_bytes[start : start + step])
    assert [(one.method, one.path, one.body) for one in served.requests] == [("POST", "/", b"a body")]
    assert served.requests[0].keep_alive


async def test_a_body_of_a_hundred_thousand_tiny_chunks_arrives() -> None:
    served = Served()
    data = chunked(*[b"x"] * 100_000)
    for start in range(0, len(data), 2**18):
        served.get(data[start : start + 2**18])
    assert served.requests[0].body == b"x" * 100_000


async def test_pipelined_requests_are_begun_one_by_one_and_nothing_more_is_read() -> None:
    served = Served()
    served.get(call(b"", path=b"/1") + call(b"xx", path=b"/2") + call(b"", path=b"/3") + call(b"1234")[:-2])
    assert (served.paths, served.wire.paused) == (["/1"], True)
    await served.reply()
    assert (served.paths, served.wire.paused) == (["/1", "/2"], True)
    await served.reply()
    assert (served.paths, served.wire.paused) == (["/1", "/2", "/3"], False)
    served.get(b"34")
    assert served.wire.paused
    await served.reply()
    assert served.requests[3].body == b"1234"
    assert served.statuses == [200] * 3


async def test_thousands_of_pipelined_requests_are_not_thousands_of_frames() -> None:
    served = Served()
    served.get(call(b"") * 3000)
    served.at_once = True
    await served.reply()
    while len(served.wire.sent) < 3000 and not served.wire.closed:
        await asyncio.sleep(0)
    assert served.statuses == [200] * 3000


async def test_the_client_is_told_to_go_on_only_where_it_waits() -> None:
    served = Served(at_once=True)
    whole = call(b"a body", b"expect: 100-continue")
    served.get(whole[:-6])
    assert served.statuses == [100]
    served.get(whole[-6:])
    assert served.statuses == [100, 200]
    served.get(whole)
    assert served.statuses == [100, 200, 200]


async def test_to_go_on_is_not_said_before_an_earlier_reply() -> None:
    served = Served()
    whole = call(b"a body", b"expect: 100-continue")
    served.get(call(b"") + whole[:-6])
    assert served.statuses == []
    await served.reply()
    served.get(whole[-6:])
    assert served.requests[1].body == b"a body"


@pytest.mark.parametrize(
    ("headers", "version", "kept"),
    [
        ((), b"1.1", True),
        ((b"connection: close",), b"1.1", False),
        ((), b"1.0", False),
        ((b"connection: keep-alive",), b"1.0", False),
        ((b"connection: upgrade", b"upgrade: websocket"), b"1.1", False),
    ],
)
async def test_a_connection_is_kept_for_http_1_1_alone(headers: tuple[bytes], version: bytes, *, kept: bool) -> None:
    served = Served(at_once=True)
    served.get(call(b"a", *headers, version=version))
    assert (served.statuses, served.wire.closed) == ([200], not kept)


async def test_a_body_that_announces_too_much_is_refused_at_once_and_read_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    later: list[tuple[Any, ...]] = []
    monkeypatch.setattr(loop, "call_later", lambda *what: later.append(what))
    served = Served()
    served.get(b"POST / HTTP/1.1\r\nhost: s\r\nexpect: 100-continue\r\ncontent-length: %d\r\n\r\n" % (MAX_BODY + 1))
    assert (served.statuses, served.wire.half_closed, served.wire.closed) == ([413], True, False)
    assert b"connection: close" in served.wire.sent[0]
    served.get(b"x" * 1000)
    served.get(call(b""))
    assert not served.requests
    ((delay, close),) = later
    assert delay == LINGER_S
    close()
    assert served.wire.closed


async def test_the_largest_body_is_taken() -> None:
    pieces = [b"x" * (MAX_BODY // 4)] * 4
    served = Served()
    served.get(chunked(*pieces))
    assert [len(one.body) for one in served.requests] == [MAX_BODY]


@pytest.mark.parametrize("step", [2**18, 2**21])
async def test_one_byte_more_than_the_largest_body_is_not_taken(step: int) -> None:
    data = chunked(*[b"x" * (MAX_BODY // 4)] * 4, b"x") + call(b"")
    served = Served()
    for start in range(0, len(data), step):
        served.get(data[start : start + step])
    assert (served.paths, served.statuses) == ([], [413])


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS\r\n\r\n",
        b"BREW / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length: two\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ntransfer-encoding: chunked\r\n\r\nZ\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nhost: s\r\n\r\n",
    ],
)
async def test_what_is_no_http_gets_a_400_and_the_connection_ends(data: bytes) -> None:
    served = Served()
    served.get(data)
    assert (served.requests, served.statuses, served.wire.half_closed) == ([], [400], True)
    served.get(call(b""))
    assert served.requests == []


async def test_a_refusal_waits_for_the_replies_before_it() -> None:
    served = Served()
    served.get(call(b""))
    served.get(call(b""))
    served.get(b"nonsense\r\n\r\n")
    await served.reply()
    assert served.statuses == [200]
    await served.reply()
    assert served.statuses == [200, 200, 400]
    assert served.wire.half_closed


async def test_what_is_pipelined_behind_the_last_reply_is_not_begun() -> None:
    served = Served()
    served.get(call(b"", path=b"/1") + call(b"", path=b"/2"))
    await served.reply(keep_open=False)
    served.get(call(b"", path=b"/3"))
    assert (served.paths, served.wire.closed) == (["/1"], True)


@pytest.mark.parametrize("end", [Connection.shut_down, Connection.close])
async def test_what_waits_is_not_begun_on_a_connection_that_was_closed(end: Callable[[Connection], None]) -> None:
    served = Served()
    served.get(call(b"", path=b"/1") + call(b"", path=b"/2"))
    served.connection.reply(OK, keep_open=True)
    end(served.connection)
    await asyncio.sleep(0)
    assert (served.paths, served.statuses, served.wire.closed) == (["/1"], [200], True)


async def test_a_reply_to_a_client_that_is_gone_is_dropped() -> None:
    served = Served()
    served.get(call(b""))
    served.get(call(b""))
    assert served.standing == {served.connection}
    served.connection.connection_lost(None)
    assert (served.connection.is_open, served.standing) == (False, set())
    await served.reply()
    served.connection.reset()
    assert (len(served.requests), served.wire.sent) == (1, [])


async def test_shutting_down_closes_what_is_idle_and_lets_a_reply_under_way_be_the_last() -> None:
    idle, busy = Served(), Served()
    busy.get(call(b"", path=b"/1") + call(b"", path=b"/2"))
    for one in (idle, busy):
        one.connection.shut_down()
    assert (idle.wire.closed, busy.wire.closed) == (True, False)
    await busy.reply()
    assert (busy.paths, busy.statuses, busy.wire.closed) == (["/1"], [200], True)
