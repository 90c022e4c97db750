from __future__ import annotations

from asyncsynth.servers.simulator.wire import refusal, reply, truncated

HEADERS = (("content-type", "application/json"),)


def test_reply_is_http_with_its_length() -> None:
    sent = reply(200, HEADERS, b"{}", keep_alive=True)
    assert sent == b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


def test_reply_that_ends_the_connection_says_so() -> None:
    sent = reply(529, (), b"", keep_alive=False)
    assert sent == b"HTTP/1.1 529 Unknown\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def test_truncated_reply_announces_the_whole_and_sends_half() -> None:
    assert truncated(200, (), b"0123456789") == b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n01234"


def test_refusal_is_an_error_in_openais_shape_that_ends_the_connection() -> None:
    head, _, body = refusal(413, "Too much.").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert head.endswith(b"connection: close")
    assert b'"message":"Too much.","type":"invalid_request_error"' in body
