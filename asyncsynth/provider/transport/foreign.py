"""What aiohttp's client raises, in the words of the contract."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp.http_exceptions import TransferEncodingError

from asyncsynth.provider.transport.contract import (
    BadCertificate,
    BodyCutOff,
    ConnectFailed,
    ConnectTimeout,
    Disconnected,
    NotHttp,
    ProxyFailed,
    ProxyRefused,
    TransportError,
)


def _broken_body(error: aiohttp.ClientPayloadError) -> TransportError:
    framed_wrongly = isinstance(error.__cause__, TransferEncodingError)
    return NotHttp(str(error)) if framed_wrongly else BodyCutOff(str(error))


# The first kind that an error is decides, so subclasses stand above their bases.
_IN_OUR_WORDS: tuple[tuple[type[Exception], Callable[[Any], Exception]], ...] = (
    (TransportError, lambda error: error),
    (aiohttp.ClientHttpProxyError, lambda error: ProxyRefused(error.status, error.message)),
    (aiohttp.ClientConnectorCertificateError, lambda error: BadCertificate(error.certificate_error)),
    (aiohttp.ClientProxyConnectionError, lambda error: ProxyFailed(error.os_error)),
    (aiohttp.ClientConnectorError, lambda error: ConnectFailed(error.os_error)),
    (aiohttp.ConnectionTimeoutError, lambda error: ConnectTimeout(str(error))),
    (aiohttp.ServerDisconnectedError, lambda _: Disconnected()),
    (aiohttp.ClientPayloadError, _broken_body),
    (aiohttp.ClientResponseError, lambda error: NotHttp(error.message)),
    (OSError, lambda error: error),
)


def translated(error: Exception, *, by_proxy: bool) -> Exception:
    """An error of contract, or an OSError. `by_proxy`: a proxy's name is all that was looked up."""
    if by_proxy and isinstance(error, aiohttp.ClientConnectorDNSError):
        return ProxyFailed(error.os_error)
    known = (make(error) for kind, make in _IN_OUR_WORDS if isinstance(error, kind))
    return next(known, ConnectFailed(error))
