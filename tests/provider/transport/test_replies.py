"""Bytes in, whole replies out, and no error of aiohttp's; how a connection uses it is in test_connection.py."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from asyncsynth.provider.transport.contract import BodyCutOff, BodyTooLarge, HttpReply, NotHttp, UnknownPacking
from asyncsynth.provider.transport.replies import MAX_HEAD_BYTES, Replies
from tests.provider.scripted import http


def replies(max_body: int = 1000) -> Replies:
    return Replies(asyncio.get_running_loop(), max_body)


async def test_one_reply_after_the_other_is_parsed() -> None:
    one_connection = replies()
    for number in range(3):
        received = one_connection.feed(http(200, b"reply %d" % number, {"X-Number": str(number)}))
        assert received is not None
        assert (received.status, received.body) == (200, b"reply %d" % number)
        assert received.headers["x-number"] == str(number)
        assert not one_connection.closing


async def test_the_head_is_there_from_its_last_line_to_the_end_of_the_body() -> None:
    one, seen = replies(), []
    for piece in (b"HTTP/1.1 200 OK\r\nContent-", b"Length: 2\r\n\r\n{", b"}"):
        one.feed(piece)
        seen.append(one.head_is_there)
    assert seen == [False, True, False]


async def test_the_end_makes_only_a_body_without_a_length_whole() -> None:
    endless, cut = replies(), replies()
    endless.feed(b"HTTP/1.0 200 OK\r\n\r\nbody")
    received = endless.feed_eof()
    assert received is not None
    assert received.body == b"body"
    cut.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody")
    assert cut.feed_eof() is None


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", NotHttp),
        (http(200, b"not packed", {"content-encoding": "gzip"}), BodyCutOff),
        (http(200, gzip.compress(b" " * 1001), {"content-encoding": "gzip"}), BodyTooLarge),
    ],
)
async def test_what_can_not_be_parsed_is_told_by_an_error_of_ours(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        replies().feed(data)


def fed(data: bytes, piece: int) -> list[HttpReply | None]:
    one = replies()
    return [one.feed(data[start : start + piece]) for start in range(0, len(data), piece)]


def headed(size: int) -> bytes:
    """A reply whose head has so many bytes."""
    reply = http(200, b"{}", {"X": ""})
    return reply.replace(b"X: ", b"X: " + b"x" * (size - (len(reply) - 2)))


@pytest.mark.parametrize("piece", [10**6, 1000])
@pytest.mark.parametrize("size", [12_000, MAX_HEAD_BYTES])
async def test_a_long_head_is_read(size: int, piece: int) -> None:
    received = fed(headed(size), piece)
    assert received[-1] is not None
    assert received[-1].body == b"{}"


@pytest.mark.parametrize("piece", [10**6, 1000])
async def test_a_longer_head_is_not_read_to_its_end(piece: int) -> None:
    with pytest.raises(NotHttp, match="longer than 64 KB"):
        fed(headed(MAX_HEAD_BYTES + 1) + b"x" * 10**6, piece)


async def test_blank_lines_before_a_reply_are_skipped() -> None:
    one = replies()
    assert one.feed(b"\r\n") is None
    received = one.feed(b"\r\n\n" + http(200, b"{}"))
    assert received is not None
    assert received.body == b"{}"


async def test_blank_lines_before_and_in_a_body_belong_to_it() -> None:
    received = replies().feed(http(200, b"\r\n\r\n{\n\n}\r\n"))
    assert received is not None
    assert received.body == b"\r\n\r\n{\n\n}\r\n"


async def test_an_error_that_comes_packed_unknown_is_known_by_its_status() -> None:
    """A pause must not become something that can't be read."""
    received = replies().feed(http(429, b"packed", {"content-encoding": "br", "retry-after": "7"}))
    assert received is not None
    assert (received.status, received.headers["retry-after"], received.body) == (429, "7", b"")


async def test_an_answer_that_comes_packed_unknown_is_told() -> None:
    with pytest.raises(UnknownPacking, match="content-encoding: br"):
        replies().feed(http(200, b"packed", {"content-encoding": "br"}))


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20\r\n\r\n",
        b"http/1.1 200 OK\r\n\r\n",
    ],
)
async def test_a_head_that_can_be_read_in_two_ways_is_not_http(data: bytes) -> None:
    with pytest.raises(NotHttp):
        replies().feed(data)
