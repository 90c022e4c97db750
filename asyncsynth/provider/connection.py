"""One connection to an HTTP server: a request's bytes go out, a whole reply comes back; one exchange at a time.

The parser is aiohttp's own (llhttp), without the layers of its client, which cost more CPU than all else in a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from aiohttp import ClientPayloadError, ServerDisconnectedError, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpResponseParser, RawResponseMessage

PIECE_BYTES = 2**18  # of a body that the parser unpacks at a time


class BodyTooLarge(Exception):
    """A reply's body passed the cap."""


class Received(NamedTuple):
    """A reply; its headers answer to names in any case, its body is unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection(BaseProtocol):
    """`send` begins an exchange, whose end sets the future given to it.

    That is a Received, or aiohttp.ServerDisconnectedError or OSError (the connection broke before the reply's head was
    there), aiohttp.ClientPayloadError (after it, or a body that can't be unpacked), HttpProcessingError (no HTTP) or
    BodyTooLarge (more than `max_body` bytes, unpacked).
    Connections stand in `standing` from when they are made until they are lost; `lost` is set by then.
    """

    __slots__ = (
        "_body_size",
        "_max_body",
        "_message",
        "_payload",
        "_pieces",
        "_reply",
        "_standing",
        "_surplus",
        "idle_since",
        "lost",
        "reusable",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, max_body: int, standing: set[Connection]) -> None:
        super().__init__(loop)
        self.idle_since = 0.0  # by the loop's clock; the pool's
        self.lost: asyncio.Future[None] = loop.create_future()
        self.reusable = False
        self._max_body = max_body
        self._standing = standing
        self._reply: asyncio.Future[Received] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._standing.add(self)

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def send(self, request: bytes, reply: asyncio.Future[Received]) -> None:
        """Begin an exchange. Raises ServerDisconnectedError, if the connection is lost already."""
        if self.transport is None:
            raise ServerDisconnectedError
        # A new parser, so that nothing which came too much with the last reply becomes the start of this one.
        self._parser = HttpResponseParser(
            self, self._loop, PIECE_BYTES, payload_exception=ClientPayloadError, read_until_eof=True
        )
        self._message: RawResponseMessage | None = None
        self._payload: StreamReader | None = None
        self._pieces: list[bytes] = []
        self._body_size = 0
        self._surplus = self.reusable = False
        self._reply = reply
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._reply is None:  # nobody asked: a server that says goodbye, or one that counts wrong
            self.abort()
            return
        try:
            self._take(data)
        except (HttpProcessingError, ClientPayloadError, BodyTooLarge) as error:
            self._fail(error)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._reply is not None:
            self._lost_within(exc)
        super().connection_lost(exc)
        self._parser = None
        self._standing.discard(self)
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_reading(self) -> None:
        """The parser's, when it unpacks more than it may at a time; `_take` goes on with it at once."""
        if self._parser is not None:
            self._parser.pause_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Nothing to do: what was read is taken from the parser in the same step, so the transport never waits."""

    def _take(self, data: bytes) -> None:
        """Feed the parser until it has nothing left to unpack."""
        assert self._parser is not None
        while True:
            messages, upgraded, _ = self._parser.feed_data(data)
            for head in messages:
                self._begin(*head)
            message, payload = self._message, self._payload
            if message is None or payload is None:
                return
            if piece := payload.read_nowait():
                self._keep(piece)
            if payload.is_eof():
                self._surplus = self._surplus or upgraded
                self._finish(message)
                return
            if not piece:
                return
            data = b""

    def _begin(self, message: RawResponseMessage, payload: StreamReader) -> None:
        if self._message is not None:
            self._surplus = True  # a second reply to one request
        elif not 100 <= message.code < 200 or message.code == 101:  # the others announce the reply
            self._message, self._payload = message, payload

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._body_size += len(piece)
        if self._body_size > self._max_body:
            raise BodyTooLarge

    def _finish(self, message: RawResponseMessage) -> None:
        reply, pieces, transport = self._reply, self._pieces, self.transport
        self._reply = None
        self.reusable = not (
            message.should_close or self._surplus or transport is None or transport.get_write_buffer_size()
        )
        if reply is not None and not reply.done():
            body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
            reply.set_result(Received(message.code, message.headers, body))

    def _fail(self, error: BaseException) -> None:
        reply, self._reply = self._reply, None
        if reply is not None and not reply.done():
            reply.set_exception(error)
        self.abort()

    def _lost_within(self, exc: BaseException | None) -> None:
        """The connection was lost within an exchange, which is how a body without a length ends."""
        if self._payload is None:
            self._fail(exc if isinstance(exc, OSError) else ServerDisconnectedError())
            return
        assert self._parser is not None
        if exc is None:
            with suppress(HttpProcessingError):  # bytes are missing
                self._parser.feed_eof()
                if self._payload.is_eof() and self._message is not None:
                    self._finish(self._message)
                    return
        self._fail(ClientPayloadError(str(exc or "the connection was closed")))
