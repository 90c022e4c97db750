"""What one connection makes of a server's bytes, cut anywhere, without a network."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any, cast

import pytest

from asyncsynth.provider.transport.connection import LARGE_BYTES, Connection
from asyncsynth.provider.transport.contract import (
    BodyCutOff,
    BodyTooLarge,
    Disconnected,
    Distrusted,
    HttpReply,
    KeptTooLong,
    NotHttp,
)
from tests.provider.scripted import http

CAP = 2**20
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Transport(asyncio.Transport):
    """Takes bytes, and remembers whether it was closed; loses no connection by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.unsent = 0
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return self.unsent


class Post:
    """A connection with a request under way."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.connections: set[Connection] = set()
        self.strays = 0
        self.connection = Connection(self.loop, CAP, self.connections, self.on_stray)
        self.transport = Transport()
        self.connection.connection_made(self.transport)
        self.ask()

    def on_stray(self) -> None:
        self.strays += 1

    def ask(self) -> None:
        self.reply: asyncio.Future[HttpReply] = self.loop.create_future()
        self.connection.send(bytes(LARGE_BYTES + 1), self.reply)

    def receive(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.connection.data_received(piece)

    def failure(self) -> BaseException:
        error = self.reply.exception()
        assert error is not None
        return error


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


WHOLE = {
    "length": http(200, b"body"),
    "chunked": CHUNKED + chunk(b"bo") + chunk(b"dy") + b"0\r\n\r\n",
    "packed": http(200, gzip.compress(b"body"), {"content-encoding": "gzip"}),
    "announced": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + http(200, b"body"),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
async def test_a_reply_is_whole_wherever_its_bytes_are_cut(data: bytes) -> None:
    for cut in range(1, len(data)):
        post = Post()
        post.receive(data[:cut])
        assert not post.reply.done(), cut
        post.receive(data[cut:])
        received = post.reply.result()
        assert (received.status, received.body) == (200, b"body")
        assert post.connection.reusable


async def test_headers_answer_in_any_case() -> None:
    post = Post()
    post.receive(http(200, b"", {"X-RateLimit-Limit": "5"}))
    assert post.reply.result().headers["x-ratelimit-limit"] == "5"


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("header", [b"X: y", b"Content-Length: 5", b"Transfer-Encoding: chunked"])
async def test_what_has_no_body_by_its_status_is_not_waited_for(status: int, header: bytes) -> None:
    post = Post()
    post.receive(b"HTTP/1.1 %d No\r\n%b\r\n\r\n" % (status, header))
    assert post.reply.result().body == b""


async def test_a_body_without_a_length_ends_with_the_connection() -> None:
    post = Post()
    post.receive(b"HTTP/1.0 200 OK\r\n\r\nbo", b"dy")
    assert not post.reply.done()
    post.connection.connection_lost(None)
    assert post.reply.result().body == b"body"
    assert not post.connection.reusable


async def test_a_body_without_a_length_that_a_reset_ends_is_cut_off() -> None:
    post = Post()
    post.receive(b"HTTP/1.0 200 OK\r\n\r\nbo")
    post.connection.connection_lost(ConnectionResetError())
    assert isinstance(post.failure(), BodyCutOff)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", CHUNKED + b"9\r\n"])
async def test_a_body_that_ends_early_is_cut_off(head: bytes) -> None:
    post = Post()
    post.receive(head + b"bo")
    post.connection.connection_lost(None)
    assert isinstance(post.failure(), BodyCutOff)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_a_connection_that_ends_before_the_head_is_a_disconnection(begun: bytes) -> None:
    post = Post()
    if begun:
        post.receive(begun)
    post.connection.connection_lost(None)
    assert isinstance(post.failure(), Disconnected)


async def test_the_systems_own_error_is_passed_on() -> None:
    post = Post()
    reset = ConnectionResetError("reset")
    post.connection.connection_lost(reset)
    assert post.failure() is reset


async def test_what_is_no_http_ends_the_connection() -> None:
    post = Post()
    post.receive(b"SSH-2.0-OpenSSH_9.6\r\n")
    assert isinstance(post.failure(), NotHttp)
    assert post.transport.aborted


async def test_many_small_chunks_are_taken_wherever_the_parser_pauses() -> None:
    """The parser stops for its reader after thousands of chunks, also just at the end of what was read."""
    one = chunk(b"x")
    for first in (16_385, 16_384, 20_000):
        post = Post()
        post.receive(CHUNKED + one * first, one, one * 3, b"0\r\n\r\n")
        assert post.reply.result().body == b"x" * (first + 4)


async def test_a_body_larger_than_the_cap_ends_the_connection() -> None:
    post = Post()
    packed = gzip.compress(b" " * (2 * CAP))
    post.receive(http(200, packed, {"content-encoding": "gzip"}))
    assert isinstance(post.failure(), BodyTooLarge)
    assert post.transport.aborted


async def test_a_body_as_large_as_the_cap_is_taken() -> None:
    post = Post()
    post.receive(http(200, gzip.compress(b" " * CAP), {"content-encoding": "gzip"}))
    assert len(post.reply.result().body) == CAP


NOT_REUSABLE = {
    "connection: close": http(200, b"{}", {"connection": "close"}),
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "blank lines after it": http(200, b"{}") + b"\r\n",
    "a farewell": http(200, b"{}") + http(408, b"bye"),
    "a refusal": http(400, b"{}"),
    "a gateway's error": http(502, b"{}"),
    "nothing": http(204, b""),
    "a redirect": http(307, b""),
    "another protocol": b"HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
}


@pytest.mark.parametrize("data", NOT_REUSABLE.values(), ids=NOT_REUSABLE)
async def test_a_connection_is_not_used_again_after(data: bytes) -> None:
    post = Post()
    post.receive(data)
    assert post.reply.done()
    assert not post.connection.reusable


@pytest.mark.parametrize("status", [429, 503, 529])
async def test_an_overloaded_server_keeps_its_connection(status: int) -> None:
    """New ones, with their handshakes, are the last thing that it needs."""
    post = Post()
    post.receive(http(status, b"{}"))
    assert post.connection.reusable


async def test_a_refusal_may_come_before_the_whole_request_is_sent() -> None:
    post = Post()
    post.transport.unsent = 1
    post.receive(http(413, b"{}"))
    assert post.reply.result().status == 413
    assert not post.connection.reusable
    assert post.strays == 0


async def test_an_answer_before_the_whole_request_is_sent_is_not_taken() -> None:
    post = Post()
    post.transport.unsent = 1
    post.receive(http(200, b"{}"))
    assert isinstance(post.failure(), Distrusted)
    assert post.strays == 1


async def test_a_refusal_before_the_whole_request_is_sent_is_not_taken_on_a_used_connection() -> None:
    """It may be a late one, to the request before."""
    post = Post()
    post.receive(http(200, b"{}"))
    post.ask()
    post.transport.unsent = 1
    post.receive(http(413, b"{}"))
    assert isinstance(post.failure(), Distrusted)
    assert post.strays == 1


@pytest.mark.parametrize("data", [http(200, b"late"), b"HTTP/1.1 100 Continue\r\n\r\n", b"\x00"])
async def test_bytes_that_nobody_asked_for_end_the_connection_and_are_told(data: bytes) -> None:
    """They would be taken for the reply to the next request, and an answer for another sample's."""
    post = Post()
    post.receive(http(200, b"{}"))
    post.receive(data)
    assert post.transport.aborted
    assert post.strays == 1


async def test_a_farewell_ends_the_connection_and_says_nothing_of_the_others() -> None:
    post = Post()
    post.receive(http(200, b"{}"))
    post.receive(http(408, b"bye", {"connection": "close"}))
    assert post.transport.aborted
    assert post.strays == 0


SURPLUS = {
    "a second reply": http(200, b"late"),
    "half a second reply": http(200, b"late")[:-2],
    "the beginning of a second reply": b"HTTP/1.1 20",
    "a single letter": b"H",
    "something else": b"\r\n\r\n?",
    "an announcement": b"HTTP/1.1 100 Continue\r\n\r\n",
}


@pytest.mark.parametrize("surplus", SURPLUS.values(), ids=SURPLUS)
@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
async def test_a_reply_with_more_behind_it_is_not_taken(data: bytes, surplus: bytes) -> None:
    """Of two replies nobody can say which of them is the late one."""
    for cut in (0, 1, len(data) - 1):
        post = Post()
        post.receive(data[:cut], data[cut:] + surplus)
        assert isinstance(post.failure(), Distrusted)
        assert post.transport.aborted
        assert post.strays == 1


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize("first", [http(200, b"late")[-9:], b"SSH-2.0\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n"])
async def test_what_is_no_reply_on_a_used_connection_is_not_this_requests(data: bytes, first: bytes) -> None:
    post = Post()
    post.receive(data)
    post.ask()
    post.receive(first)
    assert isinstance(post.failure(), Distrusted)
    assert post.strays == 1


async def test_a_body_without_a_length_is_not_taken_on_a_used_connection() -> None:
    """It may be two replies in a row."""
    post = Post()
    post.receive(http(200, b"{}"))
    post.ask()
    post.receive(b"HTTP/1.1 200 OK\r\n\r\nbody")
    post.connection.connection_lost(None)
    assert isinstance(post.failure(), Distrusted)


async def test_of_a_connection_that_is_not_trusted_no_reply_is_taken() -> None:
    whole, awaited = Post(), Post()
    whole.receive(http(200, b"{}"))
    for post in (whole, awaited):
        post.connection.distrust()
        assert post.transport.aborted
        assert not post.connection.is_trusted
        assert post.strays == 0, "whoever distrusts knows of it"
    assert isinstance(awaited.failure(), Distrusted)


REQUEST_BYTES = LARGE_BYTES + 1  # of Post.ask
GOODBYE_BYTES = 31  # of TLS, which our side sends in return


def asked_again(*, undelivered: int) -> Post:
    """A post on a connection that was used before; so many bytes of what was sent are not confirmed."""
    post = Post()
    post.receive(http(200, b"{}"))
    post.connection._undelivered = lambda: undelivered
    post.ask()
    return post


@pytest.mark.parametrize("lost", [None, BrokenPipeError()], ids=["closed", "closed, then reset"])
async def test_a_kept_connection_that_had_ended_before_the_request_arrived_is_told_apart(
    lost: BaseException | None,
) -> None:
    post = asked_again(undelivered=REQUEST_BYTES)
    post.connection.connection_lost(lost)
    assert isinstance(post.failure(), KeptTooLong)


async def test_a_farewell_that_crosses_with_the_next_request_answers_nothing() -> None:
    post = asked_again(undelivered=REQUEST_BYTES)
    post.receive(http(408, b"bye", {"connection": "close"}))
    assert isinstance(post.failure(), KeptTooLong)


@pytest.mark.parametrize("undelivered", [0, GOODBYE_BYTES, REQUEST_BYTES - 1])
async def test_promise_10_a_kept_connection_that_ends_once_a_byte_arrived_may_have_been_at_work(
    undelivered: int,
) -> None:
    """However soon that is."""
    post = asked_again(undelivered=undelivered)
    post.connection.connection_lost(None)
    assert type(post.failure()) is Disconnected


async def test_promise_10_a_reset_does_not_tell_what_arrived_before_it() -> None:
    post = asked_again(undelivered=REQUEST_BYTES)
    post.connection.connection_lost(ConnectionResetError())
    assert isinstance(post.failure(), ConnectionResetError)


async def test_a_connection_that_ends_after_a_byte_of_the_reply_was_at_work() -> None:
    post = Post()
    post.receive(http(200, b"{}"))
    post.ask()
    post.receive(b"H")
    post.connection.connection_lost(None)
    assert type(post.failure()) is Disconnected


async def test_a_call_that_was_given_up_gets_nothing() -> None:
    post = Post()
    post.reply.cancel()
    post.receive(http(200, b"{}"))
    post.connection.connection_lost(None)
    assert post.reply.cancelled()


async def test_a_connection_is_counted_until_it_is_lost() -> None:
    post = Post()
    assert post.connections == {post.connection}
    post.receive(http(200, b"{}"))
    post.connection.connection_lost(None)
    assert post.connections == set()
    assert post.connection.lost.done()
    assert not post.connection.is_open
    with pytest.raises(Disconnected):
        post.connection.send(b"request", cast("asyncio.Future[HttpReply]", post.loop.create_future()))
