"""A server that sends given bytes over real sockets: whatever a provider, a gateway or a broken one may send."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from asyncsynth.values import Api, Request, Sample

CANARY = "sk-canary-Zk3+q/9=vX7"  # with characters that URLs, HTML and base64 write differently
PATIENCE_S = 20.0  # after which a test fails that waits for requests
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_RST_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds


Ending = Literal["keep", "close", "reset", "hang"]


@dataclass(frozen=True)
class Turn:
    """What follows one request: these bytes, and then the connection is kept, closed, reset, or says no more."""

    data: bytes = b""
    then: Ending = "keep"


@dataclass(frozen=True)
class Received:
    """A request as it came; `connection` counts from 0."""

    connection: int
    head: str
    body: bytes

    @property
    def tree(self) -> Any:
        return json.loads(self.body)


@dataclass
class Scripted:
    """A running server; the last turn answers all requests beyond the script."""

    turns: Sequence[Turn]
    base_url: str = ""
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _arrivals: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, self.connections = self.connections, self.connections + 1
        self._writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                turn = self.turns[min(len(self.received), len(self.turns) - 1)]
                self.received.append(Received(number, head.decode("latin-1"), body))
                self._arrivals.release()
                writer.write(turn.data)
                await writer.drain()
                if turn.then == "close":
                    break
                if turn.then == "reset":
                    connection = writer.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
                    writer.transport.abort()
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.close()

    async def arrived(self, count: int) -> None:
        """Wait for the next `count` requests."""
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(count):
                await self._arrivals.acquire()

    def send(self, data: bytes, *, to: int) -> None:
        """Send bytes that nobody asked for, on this connection."""
        self._writers[to].write(data)

    def close(self, connection: int) -> None:
        self._writers[connection].close()

    def close_connections(self) -> None:
        for writer in self._writers:
            writer.close()


@asynccontextmanager
async def scripted(*turns: Turn, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[Scripted]:
    running = Scripted(turns)
    server = await asyncio.start_server(running.handle, host, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    named = f"[{host}]" if ":" in host else host
    running.base_url = f"{'https' if tls else 'http'}://{named}:{port}/v1"
    try:
        yield running
    finally:
        server.close()
        running.close_connections()
        await server.wait_closed()
        await asyncio.sleep(0)  # handlers see their closed connections


def http(status: int, body: bytes | Mapping[str, Any], headers: Mapping[str, str] | None = None) -> bytes:
    """An HTTP/1.1 reply with the right Content-Length."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"content-type": "application/json", "content-length": str(len(raw)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Words\r\n{head}\r\n".encode() + raw


def answer(api: Api, text: Any = "A plot.", finish_reason: str = "stop", **more: Any) -> dict[str, Any]:
    """The tree of an answer; what is in `more` replaces members at the top."""
    choice: dict[str, Any] = {"index": 0, "finish_reason": finish_reason}
    if api == "chat":
        choice["message"] = {"role": "assistant", "content": text, "refusal": None}
    else:
        choice["text"] = text
    usage = {"prompt_tokens": 57, "completion_tokens": 212, "total_tokens": 269}
    return {"id": "x", "created": 1, "model": "m-2026", "choices": [choice], "usage": usage} | more


def request(text: str = "Imagine a plot.", *, system: str | None = None, key: str = "0" * 32) -> Request:
    return Request(Sample(key, {"genre": "horror"}, 0), 0, text, system)
