"""Bytes in, whole replies out, and no error of aiohttp's; how a connection uses it is in test_connection.py."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from asyncsynth.provider.transport.contract import BodyCutOff, BodyTooLarge, NotHttp
from asyncsynth.provider.transport.replies import Replies
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
