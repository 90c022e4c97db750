"""One connection of an HTTP/1.1 server: bytes come in, requests go to one function, their replies go out in order.

The parser is aiohttp's own (llhttp), without the layers of its server, which cost more CPU than all else in a call.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from aiohttp import HttpVersion11, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpRequestParser, RawRequestMessage
from msgspec import Struct
from yarl import URL

from asyncsynth.servers.simulator import wire

MAX_BODY = 1024**2  # bytes of a request's body
LINGER_S = 10.0  # how long what a client still sends is read, so that it can read why nobody wants it
_PIECE_BYTES = 2**16  # what the parser would pause at; nothing is unpacked, so it never has to


class Request(Struct, frozen=True):
    """A whole request; `path` is its target as it was sent, with the query."""

    method: str
    path: str
    url: URL
    body: bytes
    keep_alive: bool
    host: str  # the header; "" where there is none


class Connection(BaseProtocol):
    """Gives `answer` one Request at a time, which must be followed by one `reply` or `reset`, at once or later.

    Requests that come in the meantime wait, and the client isn't read from until they are begun. What is no HTTP gets a
    400, a body of more than MAX_BODY bytes a 413, and the connection ends after it.
    Connections stand in `standing` from when they are made until they are lost.
    """

    __slots__ = (
        "_answer",
        "_body_size",
        "_farewell",
        "_last",
        "_message",
        "_payload",
        "_pieces",
        "_standing",
        "_waiting",
        "is_busy",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        answer: Callable[[Request, Connection], None],
        standing: set[Connection],
    ) -> None:
        # Bodies are taken as they come: the service that is simulated doesn't unpack them either.
        super().__init__(loop, HttpRequestParser(self, loop, _PIECE_BYTES, auto_decompress=False))
        self._answer = answer
        self._standing = standing
        self._message: RawRequestMessage | None = None  # whose body isn't whole yet
        self._payload: StreamReader | None = None
        self._pieces: list[bytes] = []
        self._body_size = 0
        self.is_busy = False  # with a request that has no reply yet
        self._waiting: deque[Request] = deque()
        self._farewell: bytes | None = None  # the reply after which nothing more is read
        self._last = False  # no request after the one under way

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._standing.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self._standing.discard(self)
        self._waiting.clear()
        self._parser = self._message = self._payload = None

    @property
    def is_open(self) -> bool:
        """Whether a reply would reach the client, as far as one can know."""
        return self.transport is not None and not self.transport.is_closing()

    def data_received(self, data: bytes) -> None:
        parser = self._parser
        if self._farewell is not None or parser is None:
            return
        try:
            messages, _, _ = parser.feed_data(data)
        except HttpProcessingError as error:
            self._refuse(400, error.message)
            return
        if self._message is not None and self._payload is not None:
            self._take_body(self._message, self._payload)
        for message, payload in messages:
            if payload.is_eof():
                self._begin(_request(message, payload.read_nowait()))
            else:
                self._begin_body(message, payload)

    def reply(self, data: bytes, *, keep_open: bool) -> None:
        """Answer the request under way with these bytes; none leaves the client waiting."""
        self.is_busy = False
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if data:
            transport.write(data)
        if self._last or not keep_open:
            transport.close()
        elif self._waiting:
            self._loop.call_soon(self._begin_next)  # not at once: a thousand of them would be a thousand frames deep
        elif self._farewell is not None:
            self._say_farewell()

    def reset(self) -> None:
        """Answer the request under way by a TCP reset instead of an orderly close."""
        self.is_busy = False
        if self.transport is not None:
            wire.reset(self.transport)

    def shut_down(self) -> None:
        """Close after the reply under way; at once, if there is none."""
        self._last = True
        if not self.is_busy:
            self.close()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def pause_reading(self) -> None:
        """The parser's, when a body is longer than a piece: its pieces are taken at once and counted here."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        """The same."""

    def _begin(self, request: Request) -> None:
        if len(request.body) > MAX_BODY:
            self._refuse_body()
        elif self.is_busy or self._waiting:
            self._waiting.append(request)
            self._pause_transport_reading()
        elif self._farewell is None and self.is_open:
            self.is_busy = True
            self._answer(request, self)

    def _begin_next(self) -> None:
        if not self._waiting or self._last or not self.is_open:
            return
        request = self._waiting.popleft()
        if not self._waiting:
            self._resume_transport_reading()
        self.is_busy = True
        self._answer(request, self)

    def _begin_body(self, message: RawRequestMessage, payload: StreamReader) -> None:
        """The head is here and the body isn't, or not all of it."""
        announced = message.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > MAX_BODY:
            self._refuse_body()
            return
        self._message, self._payload = message, payload
        self._pieces, self._body_size = [], 0
        expects = message.version >= HttpVersion11 and message.headers.get("expect", "").lower() == "100-continue"
        # Behind a reply that isn't there yet it can't be said; clients send the body all the same after a while.
        if expects and payload.total_bytes == 0 and self.transport is not None and not self.is_busy:
            self.transport.write(wire.CONTINUE)
        self._take_body(message, payload)

    def _take_body(self, message: RawRequestMessage, payload: StreamReader) -> None:
        piece = payload.read_nowait()
        self._pieces.append(piece)
        self._body_size += len(piece)
        if payload.is_eof():
            self._message = self._payload = None
            self._begin(_request(message, b"".join(self._pieces)))
        elif self._body_size > MAX_BODY:
            self._refuse_body()

    def _refuse_body(self) -> None:
        self._refuse(413, f"Maximum request body size {MAX_BODY} exceeded.")

    def _refuse(self, status: int, why: str) -> None:
        """Say why nothing more is read, once all that came before is answered."""
        self._message = self._payload = None
        self._pieces = []
        self._farewell = wire.refusal(status, why)
        if not self.is_busy and not self._waiting:
            self._say_farewell()

    def _say_farewell(self) -> None:
        """Closed while the client sends, TCP would reset and the reply be lost; so what comes is read for a while."""
        if self.transport is None or self._farewell is None or not self.is_open:
            return
        self.transport.write(self._farewell)
        self.transport.write_eof()
        self._loop.call_later(LINGER_S, self.close)


def _request(message: RawRequestMessage, body: bytes) -> Request:
    # HTTP/1.0 would want to be told that it may go on; to whom asks for another protocol, all after it may be that.
    keep_alive = not message.should_close and not message.upgrade and message.version >= HttpVersion11
    host = message.headers.get("Host", "")
    return Request(message.method, message.path, message.url, body, keep_alive, host)
