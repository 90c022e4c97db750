"""What an exchange with the endpoint brings: a reply, or one of these, each a row of the fault table.

Broken
|-- ConnectFailed          no connection came to stand; `os_error` says why
|   `-- Untrusted          the server's certificate can't be verified
|-- ConnectTimeout         the same, within the time there is for it
|-- Disconnected           the connection was closed before the head of a reply was there
|-- NotHttp                what came is no HTTP
|-- BodyCutOff             a body ended early, or can't be unpacked
`-- BodyTooLarge           a body passed the cap
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Received(NamedTuple):
    """A reply; its headers answer to names in any case, its body is unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Broken(Exception):
    """Base of all; what the system itself raises while bytes go back and forth is an OSError beside it."""


class ConnectFailed(Broken):
    """No connection came to stand: no address, refused, no route, a TLS handshake that failed; `os_error` says why."""

    def __init__(self, os_error: Exception) -> None:
        super().__init__(str(os_error))
        self.os_error = os_error


class Untrusted(ConnectFailed):
    """The server's certificate can't be verified."""


class ConnectTimeout(Broken):
    """No connection came to stand in time."""


class Disconnected(Broken):
    """The connection was closed before the head of a reply was there."""

    def __init__(self) -> None:
        super().__init__("the server closed the connection")


class NotHttp(Broken):
    """What came is no HTTP."""


class BodyCutOff(Broken):
    """A body ended early, or can't be unpacked."""


class BodyTooLarge(Broken):
    """A body passed the cap."""
