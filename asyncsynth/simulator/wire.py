"""A reply as bytes on the connection, and what a fault does to it."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from asyncsynth.simulator.faults import Effect
from asyncsynth.simulator.limits import Headers

_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_NO_LINGER = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds: close() sends RST


class WireReply(web.StreamResponse):
    """Writes its bytes in one piece; aiohttp's own response spends half the time of a call on headers."""

    def __init__(self, data: bytes, *, keep_alive: bool) -> None:
        super().__init__()
        self._data = data
        self._open = keep_alive

    @property
    def keep_alive(self) -> bool:
        return self._open

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        if self._data:
            transport.write(self._data)
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything was written by prepare."""


def reply(status: int, headers: Headers, body: bytes, *, keep_alive: bool, effect: Effect = Effect.SEND) -> WireReply:
    """An HTTP/1.1 reply; truncated, its Content-Length is that of the whole body and half of it follows."""
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines.append(f"content-length: {len(body)}")
    if effect is Effect.TRUNCATE:
        body = body[: len(body) // 2]
        keep_alive = False
    elif not keep_alive:
        lines.append("connection: close")
    lines.append("\r\n")
    return WireReply("\r\n".join(lines).encode("latin-1") + body, keep_alive=keep_alive)


def silence(*, keep_open: bool) -> WireReply:
    """No byte at all; kept open, the client waits until it gives up."""
    return WireReply(b"", keep_alive=keep_open)


def reset(transport: asyncio.Transport | None) -> None:
    """End the connection by a TCP reset instead of an orderly close."""
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
