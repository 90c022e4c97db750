"""One connection to an HTTP server: a request's bytes go out, a whole reply comes back; one post at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from asyncsynth.provider.transport.contract import BodyCutOff, Disconnected, HttpReply, TransportError

if TYPE_CHECKING:
    from asyncsynth.provider.transport.replies import Replies


class Connection(asyncio.Protocol):
    """`send` begins a post, whose end sets the future given to it.

    That is an HttpReply; Disconnected or OSError, where the connection broke before the reply's head was there;
    BodyCutOff, where it broke after it or the body can't be unpacked; NotHttp; or BodyTooLarge, where the body has
    more than `max_body` bytes, unpacked.
    A connection is in `connections` from when it is made until it is lost; then `lost` is set.
    """

    __slots__ = (
        "_connections",
        "_loop",
        "_max_body",
        "_replies",
        "_reply",
        "idle_since",
        "lost",
        "reusable",
        "transport",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, max_body: int, connections: set[Connection]) -> None:
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0  # by the loop's clock; the pool's
        self.lost: asyncio.Future[None] = loop.create_future()
        self.reusable = False
        self._loop = loop
        self._max_body = max_body
        self._connections = connections
        self._reply: asyncio.Future[HttpReply] | None = None
        self._replies: Replies | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own are that by their methods only
        self._connections.add(self)

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def send(self, request: bytes, reply: asyncio.Future[HttpReply]) -> None:
        """Begin a post. Raises Disconnected, if the connection is lost already."""
        if self.transport is None:
            raise Disconnected
        self.reusable = False
        self._reply = reply
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._reply is None:  # nobody asked: a server that says goodbye, or one that counts wrong
            self.abort()
            return
        replies = self._replies or self._new_replies()
        try:
            received = replies.feed(data)
        except TransportError as error:
            self._fail(error)
            return
        if received is not None:
            self._finish(received, closing=replies.closing)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._reply is not None:
            self._lost_within(exc)
        self.transport = self._replies = None
        self._connections.discard(self)
        if not self.lost.done():
            self.lost.set_result(None)

    def _new_replies(self) -> Replies:
        from asyncsynth.provider.transport.replies import Replies  # noqa: PLC0415 - see there: no request waits for it

        self._replies = Replies(self._loop, self._max_body)
        return self._replies

    def _finish(self, received: HttpReply, *, closing: bool) -> None:
        reply, transport, self._reply = self._reply, self.transport, None
        self.reusable = not (closing or transport is None or transport.get_write_buffer_size())
        if reply is not None and not reply.done():
            reply.set_result(received)

    def _fail(self, error: BaseException) -> None:
        reply, self._reply = self._reply, None
        if reply is not None and not reply.done():
            reply.set_exception(error)
        self.abort()

    def _lost_within(self, exc: BaseException | None) -> None:
        """The connection was lost within a post, which is how a body without a length ends."""
        if self._replies is None or not self._replies.head_is_there:
            self._fail(exc if isinstance(exc, OSError) else Disconnected())
        elif exc is None and (received := self._replies.feed_eof()) is not None:
            self._finish(received, closing=True)
        else:
            self._fail(BodyCutOff(str(exc or "the connection was closed")))
