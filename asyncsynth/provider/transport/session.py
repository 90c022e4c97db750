"""The transport on aiohttp's public API alone: the one that knows proxies, at three times the CPU of our connections.

Each post has a connection of its own: ClientSession takes what comes on an idle connection for the next reply.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from asyncsynth.provider.transport.connection import LARGE_BYTES, STRAY
from asyncsynth.provider.transport.contract import (
    BodyCutOff,
    BodyTooLarge,
    ConnectFailed,
    Distrusted,
    HttpReply,
    UnknownPacking,
)
from asyncsynth.provider.transport.deadlines import Deadlines
from asyncsynth.provider.transport.farewell import STATUS as FAREWELL
from asyncsynth.provider.transport.foreign import translated
from asyncsynth.provider.transport.packing import unpacked
from asyncsynth.provider.transport.pool import MAX_CONNECT_S, default_context
from asyncsynth.provider.transport.proxies import Proxy
from asyncsynth.provider.transport.socket_state import undelivered_of

MAX_HEAD_BYTES = 2**16  # of a line, and of a field
PIECE_BYTES = 2**16  # of a request that are written at a time


class Session:
    """A contract.Transport; see contract.OpenTransport."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout_s: float,
        max_body: int,
        proxy: Proxy | None = None,
        authorities: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url
        self._proxy = proxy
        self._login = {} if proxy is None else proxy.headers()
        # Headers of a ClientSession would go to the proxy as well, and the key with them; those of a request don't.
        self._headers = {**headers, **({} if url.startswith("https:") else self._login)}
        self._max_body = max_body
        self._loop = asyncio.get_running_loop()
        self._deadlines = Deadlines(timeout_s, self._loop)
        self._posts: set[_Post] = set()
        self._is_closed = False
        self._is_tls = url.startswith("https:")
        needs_tls = self._is_tls or (proxy is not None and proxy.url.scheme == "https")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                force_close=True,
                resolver=aiohttp.ThreadedResolver(),
                ssl=(ssl_context or default_context(authorities)) if needs_tls else True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            # The whole time of a post is watched by Deadlines, which knows of stalls.
            timeout=aiohttp.ClientTimeout(total=None, connect=min(MAX_CONNECT_S, timeout_s / 2)),
            max_line_size=MAX_HEAD_BYTES,
            max_field_size=MAX_HEAD_BYTES,
            response_class=_Response,
            trace_configs=[_noting_connections()],
        )

    async def post(self, body: bytes, *, fresh: bool = False) -> HttpReply:  # noqa: ARG002 - every post is
        """See contract.Transport."""
        post = _Post(self._loop, body)
        if self._is_closed:
            raise ConnectFailed(ConnectionAbortedError("the connections were closed"))
        self._posts.add(post)
        self._deadlines.watch(post.reply)
        post.task = self._loop.create_task(self._make(post))
        post.task.add_done_callback(lambda _: self._posts.discard(post))
        try:
            return await post.reply
        finally:
            self._deadlines.forget(post.reply)
            post.task.cancel()

    async def close(self) -> None:
        """Close all connections, and wait until they are."""
        self._is_closed = True
        self._deadlines.close()
        tasks = [post.task for post in self._posts if post.task is not None]
        self._distrust_all()
        if tasks:
            await asyncio.wait(tasks)
        await self._session.close()

    def _distrust_all(self) -> None:
        for post in tuple(self._posts):
            post.fail(
                Distrusted(STRAY) if post.is_connected else ConnectFailed(ConnectionAbortedError("it was closed"))
            )

    async def _make(self, post: _Post) -> None:
        try:
            reply = await self._exchange(post)
        except Distrusted as error:
            post.fail(error)
            self._distrust_all()
        except Exception as error:  # noqa: BLE001 - whatever a library raises is a post that failed
            post.fail(translated(error, by_proxy=self._proxy is not None))
        else:
            if not post.reply.done():
                post.reply.set_result(reply)

    async def _exchange(self, post: _Post) -> HttpReply:
        async with self._session.post(
            self._url,
            data=post.body,
            headers=self._headers,
            allow_redirects=False,
            proxy=None if self._proxy is None else self._proxy.url,
            proxy_headers=self._login if self._is_tls else None,
            trace_request_ctx=post,
        ) as response:
            if response.status < 300 and not post.body.has_arrived:
                raise Distrusted("the reply came before its request had arrived")
            pieces, size = [], 0
            async for piece in response.content.iter_any():
                pieces.append(piece)
                size += len(piece)
                if size > self._max_body:
                    raise BodyTooLarge
            if isinstance(response, _Response) and await response.more_came():
                raise Distrusted("more came than one reply")
            return HttpReply(response.status, response.headers, self._unpacked(response, b"".join(pieces)), True)

    def _unpacked(self, response: aiohttp.ClientResponse, body: bytes) -> bytes:
        try:
            return unpacked(body, response.headers.get("Content-Encoding", ""), self._max_body)
        except (UnknownPacking, BodyCutOff):
            if 200 <= response.status < 300:
                raise
            return b""  # of an error the status says enough


class _Post:
    """One post: its task makes the reply."""

    __slots__ = ("body", "is_connected", "reply", "task")

    def __init__(self, loop: asyncio.AbstractEventLoop, body: bytes) -> None:
        self.body = _Body(body)
        self.is_connected = False  # so that its request may have been sent
        self.reply: asyncio.Future[HttpReply] = loop.create_future()
        self.task: asyncio.Task[None] | None = None

    def fail(self, error: BaseException) -> None:
        if not self.reply.done():
            self.reply.set_exception(error)


class _Body(aiohttp.Payload):
    """A body that knows whether it has arrived."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body, content_type="application/json")
        self._body = body
        self._size = len(body)
        self._is_on_its_way = len(body) <= LARGE_BYTES
        self._undelivered: Callable[[], int] = bool

    @property
    def has_arrived(self) -> bool:
        return self._is_on_its_way and not self._undelivered()

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._body.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        transport = getattr(writer, "transport", None)
        if not self._is_on_its_way and transport is not None:
            self._undelivered = undelivered_of(transport.get_extra_info("socket").fileno())
        for start in range(0, len(self._body), PIECE_BYTES):
            await writer.write(self._body[start : start + PIECE_BYTES])
        self._is_on_its_way = True

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        del content_length  # which is that of the body
        await self.write(writer)


class _Response(aiohttp.ClientResponse):
    """A reply that knows whether something came behind it, and that ends with its connection."""

    _messages: Any = None  # a queue

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        self._messages = connection.protocol
        lost = connection.protocol.closed
        if lost is not None:
            lost.add_done_callback(self._end)
        return await super().start(connection)

    async def more_came(self) -> bool:
        """Whether there is a further reply, but for a farewell."""
        while len(self._messages):
            message, _ = await self._messages.read()
            if message.code != FAREWELL:
                return True
        return False

    def _end(self, lost: asyncio.Future[None]) -> None:
        """After chunks that are none aiohttp closes the connection, and leaves who reads waiting."""
        if not lost.cancelled():
            lost.exception()  # has been seen, as asyncio wants it
        content: aiohttp.StreamReader | None = self.content  # not there before the head is
        if content is not None and not content.is_eof() and content.exception() is None:
            content.set_exception(aiohttp.ClientPayloadError("the connection was closed"))


def _noting_connections() -> aiohttp.TraceConfig:
    async def connected(_: Any, context: SimpleNamespace, __: Any) -> None:
        context.trace_request_ctx.is_connected = True

    tracing = aiohttp.TraceConfig()
    tracing.on_connection_create_end.append(connected)
    return tracing
