"""One HTTP endpoint: a request goes out, what comes back is a Reply; the only importer of aiohttp's client.

Nothing that the network does raises here: each exception becomes a row of the fault table, at this one boundary.
"""

from __future__ import annotations

import errno
import io
import os
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from asyncsynth.provider.classify import About, fault_of
from asyncsynth.provider.secrets import ApiKey
from asyncsynth.provider.wire import Wire
from asyncsynth.values import Action, Answer, Fault, Reply, Request

MAX_BODY_BYTES = 32 * 2**20  # after decompression; the longest answers that models write are below 2 MB
MAX_CONNECT_S = 30.0  # for DNS, TCP and TLS together, and never more than half of a call's time
LARGE_BODY_BYTES = 2**20  # from which aiohttp wants a file, and warns about bytes
USER_AGENT = "asyncsynth"


class BodyTooLarge(Exception):
    """A reply's body passed MAX_BODY_BYTES; never leaves this module."""


class HttpEndpoint:
    """Sends requests to base_url in the format of `wire`; use it as an async context manager.

    `timeout_s` covers one whole call, from connecting to the last byte; there is no wait for a connection in it,
    because their number is not limited here: the caller sends no more calls than it wants at a time.
    A sample whose call broke gets a connection of its own for the next one, so that no stale or half-dead connection
    of the pool fails it twice; an overloaded endpoint is spared that.
    `now` gives seconds since the epoch (for dates in headers), `clock` seconds of any monotonic clock.
    """

    def __init__(
        self,
        base_url: str,
        wire: Wire,
        *,
        key: ApiKey | None,
        timeout_s: float,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.perf_counter,
        keep_truncated: bool = True,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._wire = wire
        self._url = URL(base_url.rstrip("/") + wire.path)
        self._key = key
        self._about = About(base_url, wire.model, timeout_s, key.scrub if key is not None else _unchanged)
        self._now = now
        self._clock = clock
        self._keep_truncated = keep_truncated
        self._ssl = ssl_context if ssl_context is not None else True
        self._unlucky: set[str] = set()  # keys of samples whose next call gets a fresh connection
        self._sessions = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._pooled = await self._sessions.enter_async_context(self._session(force_close=False))
        self._fresh = await self._sessions.enter_async_context(self._session(force_close=True))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._sessions.aclose()

    async def send(self, request: Request) -> Reply:
        """One call. Never raises for what the network does; only cancellation comes through."""
        body = self._wire.body(request)
        started = self._clock()
        try:
            outcome = await self._call(request, body)
        except BodyTooLarge:
            outcome = fault_of("body_too_large", self._about)
        except (aiohttp.ClientError, OSError) as error:
            outcome = self._translated(error)
        if isinstance(outcome, Fault) and outcome.action is Action.RETRY and not outcome.overload:
            self._unlucky.add(request.sample.key)
        return Reply(outcome, body, self._clock() - started)

    async def _call(self, request: Request, body: bytes) -> Answer | Fault:
        session = self._pooled
        if self._unlucky and (key := request.sample.key) in self._unlucky:
            self._unlucky.discard(key)
            session = self._fresh
        data = body if len(body) < LARGE_BODY_BYTES else io.BytesIO(body)
        # A redirect would post the prompt and an api-key header to wherever it points.
        response = await session.post(self._url, data=data, allow_redirects=False, ssl=self._ssl)
        try:
            received = await _read(response)
        except BaseException:
            response.close()  # and its connection, which is of no use any more
            raise
        if self._key is not None:
            received = self._key.scrub_bytes(received)
        return self._wire.parse(
            response.status,
            response.headers,
            received,
            request=request,
            about=self._about,
            now=self._now(),
            keep_truncated=self._keep_truncated,
        )

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        headers = {
            "Accept": "application/json",
            # A few kilobytes of text are cheaper to send than to pack; what comes packed all the same is unpacked.
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.reveal()}"
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=force_close),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=self._about.timeout_s, connect=min(MAX_CONNECT_S, self._about.timeout_s / 2)
            ),
        )

    def _translated(self, error: aiohttp.ClientError | OSError) -> Fault:
        reason = reason_of(error)
        return fault_of(reason, self._about, detail="" if reason == "read_timeout" else _words(error))


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The whole body, unpacked piece by piece, so that a compressed bomb is left when it passes the cap."""
    content = response.content
    first = await content.readany()
    if content.at_eof():
        return first
    pieces, size = [first], len(first)
    while piece := await content.readany():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_BODY_BYTES:
            raise BodyTooLarge
    return b"".join(pieces)


# The first kind that an exception is decides, so subclasses stand above their bases.
REASONS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorCertificateError, "tls"),
    (aiohttp.ServerFingerprintMismatch, "tls"),
    (aiohttp.ConnectionTimeoutError, "unreachable"),
    (aiohttp.ClientConnectorError, "unreachable"),  # refused, DNS, no route, a TLS handshake that failed
    (aiohttp.ClientPayloadError, "body_cut_off"),
    (aiohttp.ClientResponseError, "bad_http"),
    (TimeoutError, "read_timeout"),
    (aiohttp.InvalidURL, "unreachable"),
)
_NO_MORE_FILES = (errno.EMFILE, errno.ENFILE)


def reason_of(error: BaseException) -> str:
    """The row of the fault table for what aiohttp or the system raised."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, OSError) and cause.errno in _NO_MORE_FILES:
        return "too_many_files"
    return next((reason for kind, reason in REASONS if isinstance(error, kind)), "disconnected")


def _words(error: BaseException) -> str:
    """The system's own words for what went wrong, where there are some."""
    cause = getattr(error, "os_error", error)
    if not isinstance(cause, OSError):
        return str(error) or type(error).__name__
    if cause.errno is not None and not isinstance(cause, ssl.SSLError | socket.gaierror):
        return os.strerror(cause.errno)  # asyncio's own text says "Connect call failed" and not why
    return cause.strerror or str(cause) or type(error).__name__


def _unchanged(text: str) -> str:
    return text
