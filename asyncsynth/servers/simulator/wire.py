"""A reply as bytes, and what a fault does to them and to the connection."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus

from asyncsynth.servers.simulator import replies
from asyncsynth.servers.simulator.dialects.dialect import Headers

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_NO_LINGER = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds: close() sends RST


def reply(status: int, headers: Headers, body: bytes, *, keep_alive: bool) -> bytes:
    """An HTTP/1.1 reply, which says so if the connection ends with it."""
    return _head(status, headers, len(body), "" if keep_alive else "connection: close\r\n") + body


def truncated(status: int, headers: Headers, body: bytes) -> bytes:
    """A reply whose Content-Length is that of the whole body, and half of it follows."""
    return _head(status, headers, len(body), "") + body[: len(body) // 2]


def refusal(status: int, why: str) -> bytes:
    """A reply with an error in OpenAI's shape, after which the connection ends."""
    return reply(status, (replies.JSON,), replies.error(why, "invalid_request_error"), keep_alive=False)


def reset(transport: asyncio.Transport) -> None:
    """End the connection by a TCP reset instead of an orderly close."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


def _head(status: int, headers: Headers, length: int, last: str) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    first = f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}\r\n"
    return f"{first}{lines}content-length: {length}\r\n{last}\r\n".encode("latin-1")
