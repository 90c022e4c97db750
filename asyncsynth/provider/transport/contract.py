"""What every transport offers, and what a post brings: a reply, or one of these errors, each a row of the fault table.

TransportError
|-- ConnectFailed          no connection could be made; `os_error` says why
|   |-- BadCertificate     the server's certificate can't be verified
|   `-- ProxyFailed        the proxy on the way can't be reached
|-- ProxyRefused           the proxy on the way makes no connection; `status` says why
|-- ConnectTimeout         no connection could be made in time
|-- Disconnected           the connection was closed before the head of a reply was there
|   `-- KeptTooLong        a kept connection had ended before any byte of the request arrived
|-- Distrusted             something came that belongs to no request, so no reply of that moment is taken
|-- NotHttp                the reply is not HTTP
|-- UnknownPacking         the body is packed in a way that can't be unpacked here
|-- BodyCutOff             a body ended early, or is packed wrongly
|-- BodyTooLarge           a body passed the cap
`-- ParserChanged          the installed aiohttp has another parser than the one that is known here
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct


class HttpReply(Struct, frozen=True):
    """A reply; its headers answer to names in any case, its body is unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_first: bool = False  # for certain the first on its connection, so no late one to an earlier request


class Transport(Protocol):
    """POSTs to one URL; any number of them at a time."""

    async def post(self, body: bytes, *, fresh: bool = False) -> HttpReply:
        """Send `body` and wait for the whole reply; a `fresh` post gets a connection of its own.

        Raises TransportError, TimeoutError, and OSError for what the system reports while bytes go back and forth.
        """
        ...

    async def close(self) -> None:
        """Close all connections; posts whose request was sent end as Distrusted, the others as ConnectFailed."""
        ...


class OpenTransport(Protocol):
    """What makes a transport to `url`, within a running loop.

    `headers` go with every post. `timeout_s` covers a whole post, from connecting to the last byte; `max_body` is in
    bytes, unpacked.
    """

    def __call__(self, url: str, headers: Mapping[str, str], *, timeout_s: float, max_body: int) -> Transport: ...


class TransportError(Exception):
    """Base of all ways in which a post fails."""


class ConnectFailed(TransportError):
    """No connection could be made: no address, refused, no route, a TLS handshake that failed; `os_error` says why."""

    def __init__(self, os_error: Exception) -> None:
        super().__init__(str(os_error))
        self.os_error = os_error


class BadCertificate(ConnectFailed):
    """The server's certificate can't be verified."""


class ProxyFailed(ConnectFailed):
    """The proxy on the way can't be reached."""


class ProxyRefused(TransportError):
    """The proxy on the way answers, and makes no connection; `status` is its own."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class ConnectTimeout(TransportError):
    """No connection could be made in time."""


class Disconnected(TransportError):
    """The connection was closed before the head of a reply was there."""

    def __init__(self) -> None:
        super().__init__("the server closed the connection")


class KeptTooLong(Disconnected):
    """A kept connection had ended before any byte of the request arrived, so nobody is paid for it."""


class Distrusted(TransportError):
    """Something came that belongs to no request, here or on another connection; no reply of that moment is taken."""


class NotHttp(TransportError):
    """The reply is not HTTP."""


class UnknownPacking(TransportError):
    """The body is packed in a way that was not asked for and can't be unpacked here."""


class BodyCutOff(TransportError):
    """A body ended early, or is packed wrongly."""


class BodyTooLarge(TransportError):
    """A body passed the cap."""


class ParserChanged(TransportError):
    """The installed aiohttp has another parser than the one that is known here."""
