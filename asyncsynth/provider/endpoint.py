"""One HTTP endpoint: a request goes out, what comes back is a Reply.

Nothing that the network does raises here: each exception becomes a row of the fault table, at this one boundary.
"""

from __future__ import annotations

import errno
import math
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from asyncsynth.provider.access import Access, laid_over
from asyncsynth.provider.answers import USUAL_RULES, AnswerRules
from asyncsynth.provider.classify import About, fault_of
from asyncsynth.provider.seen_replies import SeenReplies
from asyncsynth.provider.transport.choice import transport_for
from asyncsynth.provider.transport.contract import (
    BadCertificate,
    BodyCutOff,
    BodyTooLarge,
    ConnectFailed,
    ConnectTimeout,
    Distrusted,
    HttpReply,
    NotHttp,
    OpenTransport,
    ParserChanged,
    ProxyFailed,
    ProxyRefused,
    Transport,
    TransportError,
    UnknownPacking,
)
from asyncsynth.provider.wires import Wire
from asyncsynth.values import Action, Answer, Fault, Reply, Request

MAX_BODY_BYTES = 32 * 2**20  # after decompression; the longest answers that models write are below 2 MB
USER_AGENT = "asyncsynth"
WARY_S = 60.0  # after something came that belongs to no request


class HttpEndpoint:
    """Sends requests to base_url in the format of `wire`; use it as an async context manager.

    `timeout_s` covers one whole call, from connecting to the last byte; there is no wait for a connection in it,
    because their number is not limited here: the caller sends no more calls than it wants at a time.
    A sample whose call broke gets a connection of its own for the next one, so that no stale or half-dead connection
    fails it twice; an overloaded endpoint is spared that. So do all calls without `keep_alive`, and for a minute after
    something came that belongs to no request.
    `now` gives seconds since the epoch (for dates in headers), `clock` seconds of any monotonic clock.
    """

    def __init__(
        self,
        base_url: str,
        wire: Wire,
        *,
        access: Access,
        timeout_s: float,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.perf_counter,
        rules: AnswerRules = USUAL_RULES,
        keep_alive: bool = True,
        open_transport: OpenTransport | None = None,
    ) -> None:
        self._wire = wire
        self._url = _with_query(base_url.rstrip("/") + wire.path, access.query())
        self._access = access
        proxy = "" if access.proxy is None else f"{access.proxy.url} of {access.proxy.source}"
        self._about = About(base_url, wire.model, timeout_s, access.scrub, proxy)
        self._now = now
        self._clock = clock
        self._rules = rules
        self._keep_alive = keep_alive
        self._open_transport = open_transport or transport_for(None, access.proxy)
        self._unlucky: set[str] = set()  # keys of samples whose next call gets a fresh connection
        self._wary_until = -math.inf  # by `clock`
        self._seen = SeenReplies()

    async def __aenter__(self) -> Self:
        self._transport = self._new_transport()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.close()

    async def send(self, request: Request) -> Reply:
        """One call. Never raises for what the network does; only cancellation comes through."""
        body = self._wire.body(request)
        started = self._clock()
        try:
            # A redirect is not followed: it would post the prompt and the key to wherever it points.
            reply = await self._transport.post(body, fresh=self._wants_fresh(request.sample.key, started))
            outcome = self._wire.parse(reply, request, self._about, self._now(), self._rules)
            if self._is_copy(outcome, reply, body):
                await self._leave_connections()
                raise Distrusted("the reply to another request came again")  # noqa: TRY301 - one boundary
        except Distrusted as error:
            self._wary_until = self._clock() + WARY_S
            outcome = self._translated(error)
        except BodyTooLarge:
            outcome = fault_of("body_too_large", self._about)
        except (TransportError, OSError) as error:
            outcome = self._translated(error)
        if self._unlucky or not isinstance(outcome, Answer):
            self._note_luck(request.sample.key, outcome)
        return Reply(outcome, body, self._clock() - started)

    def _note_luck(self, key: str, outcome: Answer | Fault) -> None:
        """Remember whether this sample's next call gets a connection of its own."""
        if isinstance(outcome, Fault) and outcome.action is Action.RETRY and not outcome.overload:
            self._unlucky.add(key)
        else:
            self._unlucky.discard(key)

    def _new_transport(self) -> Transport:
        return self._open_transport(
            self._url, self._headers(), timeout_s=self._about.timeout_s, max_body=MAX_BODY_BYTES
        )

    def _wants_fresh(self, key: str, now: float) -> bool:
        """Whether a call gets a connection of its own: after bad luck, or where connections are not to be trusted."""
        wary = not self._keep_alive or now < self._wary_until or self._seen.needs_new_connection
        return wary or key in self._unlucky

    def _is_copy(self, outcome: Answer | Fault, reply: HttpReply, body: bytes) -> bool:
        """Whether this reply was an answer to another request before."""
        if not isinstance(outcome, Answer) and outcome.reply_id is None:
            return False
        return self._seen.is_copy(outcome.reply_id, reply.body, body, is_first=reply.is_first)

    async def _leave_connections(self) -> None:
        """All connections of this moment are closed, and what is under way on them is not taken."""
        left, self._transport = self._transport, self._new_transport()
        await left.close()

    def _headers(self) -> dict[str, str]:
        headers = {
            "Accept": "application/json",
            # A few kilobytes of text are cheaper to send than to pack; what comes packed all the same is unpacked.
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            **self._wire.headers,
        }
        if not self._keep_alive:
            headers["Connection"] = "close"
        return laid_over(headers, self._access.headers())

    def _translated(self, error: TransportError | OSError) -> Fault:
        reason = reason_of(error)
        status = error.status if isinstance(error, ProxyRefused) else None
        detail = "" if reason == "read_timeout" else _words(error)
        return fault_of(reason, self._about, status=status, detail=detail)


# The first kind that an exception is decides, so subclasses stand above their bases.
REASONS: tuple[tuple[type[Exception], str], ...] = (
    (BadCertificate, "tls"),
    (ProxyFailed, "proxy_unreachable"),
    (ParserChanged, "parser_changed"),
    (ConnectFailed, "unreachable"),
    (ConnectTimeout, "unreachable"),
    (BodyCutOff, "body_cut_off"),
    (NotHttp, "bad_http"),
    (Distrusted, "stray_reply"),
    (UnknownPacking, "unknown_packing"),
    (TimeoutError, "read_timeout"),
)
_NO_MORE_FILES = (errno.EMFILE, errno.ENFILE)


def reason_of(error: BaseException) -> str:
    """The row of the fault table for what a transport or the system raised."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, OSError) and cause.errno in _NO_MORE_FILES:
        return "too_many_files"
    if isinstance(error, ProxyRefused):
        return _reason_of_refusal(error.status)
    return next((reason for kind, reason in REASONS if isinstance(error, kind)), "disconnected")


def _reason_of_refusal(status: int) -> str:
    """The row for what a proxy says instead of connecting: its own rules, or that the endpoint can't be reached."""
    if status in (401, 407):  # 401 is tinyproxy's for a wrong password
        return "proxy_login"
    return "proxy_refused" if 400 <= status < 500 and status not in (408, 429) else "unreachable"


def _words(error: BaseException) -> str:
    """The system's own words for what went wrong, where there are some."""
    cause = getattr(error, "os_error", error)
    if not isinstance(cause, OSError):
        return str(error) or type(error).__name__
    if cause.errno is not None and not isinstance(cause, ssl.SSLError | socket.gaierror):
        return os.strerror(cause.errno)  # asyncio's own text says "Connect call failed" and not why
    return cause.strerror or str(cause) or type(error).__name__


def _with_query(url: str, query: Mapping[str, str]) -> str:
    return f"{url}?{urlencode(query)}" if query else url
