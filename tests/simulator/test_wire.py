from __future__ import annotations

from asyncsynth.simulator.faults import Effect
from asyncsynth.simulator.wire import reply, silence

HEADERS = (("content-type", "application/json"),)


def test_reply_is_http_with_its_length() -> None:
    sent = reply(200, HEADERS, b"{}", keep_alive=True)
    assert sent._data == b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
    assert sent.keep_alive


def test_reply_that_ends_the_connection_says_so() -> None:
    sent = reply(529, (), b"", keep_alive=False)
    assert sent._data == b"HTTP/1.1 529 Unknown\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    assert not sent.keep_alive


def test_truncated_reply_announces_the_whole_and_sends_half() -> None:
    sent = reply(200, (), b"0123456789", keep_alive=True, effect=Effect.TRUNCATE)
    assert sent._data == b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234"
    assert not sent.keep_alive


def test_silence_is_no_byte() -> None:
    assert (silence(keep_open=True)._data, silence(keep_open=True).keep_alive) == (b"", True)
    assert not silence(keep_open=False).keep_alive
