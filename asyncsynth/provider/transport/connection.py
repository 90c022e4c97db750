"""One connection to an HTTP server: a request's bytes go out, a whole reply comes back; one post at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from asyncsynth.provider.transport.contract import (
    BodyCutOff,
    Disconnected,
    Distrusted,
    HttpReply,
    KeptTooLong,
    ParserChanged,
    TransportError,
)
from asyncsynth.provider.transport.farewell import STATUS as FAREWELL
from asyncsynth.provider.transport.farewell import is_farewell
from asyncsynth.provider.transport.socket_state import undelivered_of, unread_in

if TYPE_CHECKING:
    from asyncsynth.provider.transport.replies import Replies

STRAY = "something came that belongs to no request"
OVERLOADED = (429, 503, 529)  # whoever says so is not to be asked for new connections as well
LARGE_BYTES = 2**14  # a request up to this size is on its way at once


class Connection(asyncio.Protocol):
    """`send` begins a post, whose end sets the future given to it: an HttpReply, a TransportError or an OSError.

    A connection is in `connections` from when it is made until it is lost; then `lost` is set.
    `on_stray` hears of bytes that belong to no request; it is to `distrust` all connections of that moment.
    """

    __slots__ = (
        "_answered",
        "_connections",
        "_loop",
        "_max_body",
        "_on_stray",
        "_replies",
        "_reply",
        "_size",
        "_undelivered",
        "_unread",
        "idle_since",
        "is_trusted",
        "lost",
        "reusable",
        "transport",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        max_body: int,
        connections: set[Connection],
        on_stray: Callable[[], None],
    ) -> None:
        self.transport: asyncio.Transport | None = None
        self.idle_since = 0.0  # by the loop's clock; the pool's
        self.is_trusted = True
        self.lost: asyncio.Future[None] = loop.create_future()
        self.reusable = False
        self._answered = False  # a byte came since the request was sent
        self._connections = connections
        self._loop = loop
        self._max_body = max_body
        self._on_stray = on_stray
        self._replies: Replies | None = None
        self._reply: asyncio.Future[HttpReply] | None = None
        self._size = 0  # of the request
        self._undelivered: Callable[[], int] = _nothing
        self._unread: Callable[[int], object] = _nothing

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own are that by their methods only
        if (socket := transport.get_extra_info("socket")) is not None:
            self._unread, self._undelivered = unread_in(socket.fileno()), undelivered_of(socket.fileno())
        self._connections.add(self)

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    @property
    def is_silent(self) -> bool:
        """Whether nothing came that the event loop has not read yet; to be asked of an open connection."""
        return not self._unread(0)

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def distrust(self) -> None:
        """No reply is taken from here any more, not even one that is whole already."""
        self.is_trusted = False
        self._fail(Distrusted(STRAY))

    def send(self, request: bytes, reply: asyncio.Future[HttpReply]) -> None:
        """Begin a post. Raises Disconnected, if the connection is lost already."""
        if self.transport is None:
            raise Disconnected
        self.reusable = self._answered = False
        self._size = len(request)
        self._reply = reply
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._reply is None:
            if not is_farewell(data):
                self._on_stray()
            self.abort()
            return
        self._answered = True
        try:
            replies = self._replies or self._new_replies()
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
        self._unread = self._undelivered = _nothing
        self._connections.discard(self)
        if not self.lost.done():
            self.lost.set_result(None)

    def _new_replies(self) -> Replies:
        try:
            from asyncsynth.provider.transport.replies import (  # noqa: PLC0415 - see there: no request waits for it
                Replies,
            )

            replies = Replies(self._loop, self._max_body)
        except (ImportError, TypeError, AttributeError) as error:
            raise ParserChanged(str(error)) from error
        self._replies = replies
        return replies

    def _finish(self, received: HttpReply, *, closing: bool) -> None:
        if received.status == FAREWELL and not received.is_first and self._has_crossed():
            self._fail(KeptTooLong())
            return
        early = self._size > LARGE_BYTES and self._has_unsent()
        if early and not (received.is_first and received.status >= 300):
            # Only a refusal may come before the request has arrived, and a late one to an earlier request is none.
            self._fail(Distrusted("the reply came before its request had arrived"))
            return
        reply, self._reply = self._reply, None
        self.reusable = not (closing or early) and _leaves_nothing(received.status)
        if reply is not None and not reply.done():
            reply.set_result(received)

    def _has_crossed(self) -> bool:
        """Whether what came was sent before any byte of the request arrived: it would confirm it."""
        return self._undelivered() >= self._size

    def _has_unsent(self) -> bool:
        """Whether a part of the request is still here, or on its way."""
        return self.transport is not None and (self.transport.get_write_buffer_size() > 0 or self._undelivered() > 0)

    def _fail(self, error: BaseException) -> None:
        reply, self._reply = self._reply, None
        if reply is not None and not reply.done():
            reply.set_exception(error)
        self.abort()
        if isinstance(error, Distrusted) and self.is_trusted:
            self._on_stray()

    def _lost_within(self, exc: BaseException | None) -> None:
        """The connection was lost within a post, which is how a body without a length ends."""
        if self._reply is not None and self._reply.done():  # given up on
            return
        replies = self._replies
        if replies is None or not replies.head_is_there:
            self._fail(self._lost_without_reply(exc))
            return
        try:
            received = None if exc is not None else replies.feed_eof()
        except TransportError as error:
            self._fail(error)
            return
        if received is not None:
            self._finish(received, closing=True)
        else:
            self._fail(BodyCutOff(str(exc or "the connection was closed")))

    def _lost_without_reply(self, exc: BaseException | None) -> BaseException:
        was_used = self._replies is not None and not self._replies.is_first
        # A reset confirms nothing, and the kernel over there may take 40 ms to confirm what was read long ago.
        is_reset = isinstance(exc, ConnectionResetError)
        if was_used and not self._answered and not is_reset and self._has_crossed():
            return KeptTooLong()
        return exc if isinstance(exc, OSError) else Disconnected()


def _nothing(_: int = 0) -> bool:
    """Stand for a look into the kernel where there is no socket."""
    return False


def _leaves_nothing(status: int) -> bool:
    """Whether the server has most likely read the whole request and will send nothing more for it.

    One that refuses a request early may take the rest of it for another one, or answer it all the same.
    """
    return (200 <= status < 300 and status != 204) or status in OVERLOADED
