"""The connections to one URL: for a post an idle one is taken that is known to be silent, or a new one is made."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Mapping
from socket import AF_INET
from typing import Any

from asyncsynth.provider.transport.addresses import Addresses
from asyncsynth.provider.transport.connection import STRAY, Connection
from asyncsynth.provider.transport.contract import (
    BadCertificate,
    ConnectFailed,
    ConnectTimeout,
    Distrusted,
    HttpReply,
    KeptTooLong,
)
from asyncsynth.provider.transport.deadlines import Deadlines
from asyncsynth.provider.transport.place import Place, place_of

MAX_CONNECT_S = 30.0  # for DNS, TCP and TLS together, and never more than half of a call's time
MAX_IDLE_S = 15.0  # as aiohttp; a connection that is silent for longer may be dead without a word
NEXT_ADDRESS_S = 0.25  # without an answer from one address the next is tried beside it (RFC 8305, 5)
LOAD_AFTER_S = 0.05  # when the first requests are on their way, and before the first reply of a model
TURNS_TO_READ = 10  # of the event loop; two are enough for one packet
CLOSE_S = 1.0  # aborted connections are gone at once; this only bounds it


class Pool:
    """A contract.Transport with as many connections as there are posts at a time; see contract.OpenTransport."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout_s: float,
        max_body: int,
        authorities: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        place = place_of(url)
        self._head = request_head(place, headers)
        self._host = place.host
        self._ssl = None if place.scheme != "https" else ssl_context or default_context(authorities)
        self._addresses = Addresses(place.host, place.port, self._loop)
        self._connect_s = min(MAX_CONNECT_S, timeout_s / 2)
        self._deadlines = Deadlines(timeout_s, self._loop)
        self._max_body = max_body
        self._is_closed = False
        self._spoken = False
        self._connections: set[Connection] = set()
        self._idle: deque[Connection] = deque()  # the last used at the right

    async def post(self, body: bytes, *, fresh: bool = False) -> HttpReply:
        """See contract.Transport; the connection of a `fresh` post is not kept.

        A request of which nothing arrived, since the kept connection had ended, is sent once more, on a new one.
        """
        request = b"%b%d\r\n\r\n%b" % (self._head, len(body), body)
        connection = None if fresh else self._idle_one()
        while connection is not None and not connection.is_silent and not await _is_silent_once_read(connection):
            connection.abort()
            connection = self._idle_one()
        while True:
            reply: asyncio.Future[HttpReply] = self._loop.create_future()
            self._deadlines.watch(reply)
            try:
                if connection is None:
                    connection = await self._connect()
                connection.send(request, reply)
                received = await reply
                break
            except KeptTooLong:
                connection = None
            except BaseException:
                _abandon(reply, connection)
                raise
            finally:
                self._deadlines.forget(reply)
        if not connection.is_trusted:
            raise Distrusted(STRAY)
        if fresh or not connection.reusable:
            connection.abort()
        else:
            self._give_back(connection)
        return received

    async def close(self) -> None:
        """Close all connections, and wait until their sockets are closed."""
        self._is_closed = True
        self._deadlines.close()
        await self._addresses.close()
        ends = [connection.lost for connection in self._connections]
        self._distrust_all()
        if ends:
            await asyncio.wait(ends, timeout=CLOSE_S)

    def _distrust_all(self) -> None:
        for connection in tuple(self._connections):
            connection.distrust()
        self._idle.clear()

    def _idle_one(self) -> Connection | None:
        """The idle connection that was used last, if it may still be alive."""
        oldest = self._loop.time() - MAX_IDLE_S
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    def _give_back(self, connection: Connection) -> None:
        connection.idle_since = now = self._loop.time()
        self._idle.append(connection)
        if self._idle[0].idle_since < now - MAX_IDLE_S:  # one a call is enough to end them all in time
            self._idle.popleft().abort()

    async def _connect(self) -> Connection:
        try:
            async with asyncio.timeout(self._connect_s):
                connection = await self._connected()
        except ssl.CertificateError as error:
            raise BadCertificate(error) from error
        except (OSError, UnicodeError, RuntimeError) as error:  # IDNA's; uvloop's, for some of the system's
            if isinstance(error, TimeoutError) and error.errno is None:
                raise ConnectTimeout(f"no connection within {self._connect_s:g} s") from error
            raise ConnectFailed(error) from error
        if self._is_closed:
            connection.abort()
            raise ConnectFailed(ConnectionAbortedError("the connections were closed"))
        return connection

    async def _connected(self) -> Connection:
        addresses = await self._addresses.get()
        # With nothing to choose from, the loop connects in a third of the time.
        if len(addresses) == 1 and addresses[0][0] == AF_INET:
            host, port = addresses[0][4][:2]
            return await self._speak(host=host, port=port)
        import aiohappyeyeballs  # noqa: PLC0415 - most have one address, and the start waits for no more than it needs

        socket = await aiohappyeyeballs.start_connection(
            addresses, happy_eyeballs_delay=NEXT_ADDRESS_S, loop=self._loop
        )
        try:
            return await self._speak(sock=socket)
        except BaseException:
            socket.close()
            raise

    async def _speak(self, **where: Any) -> Connection:
        name = self._host.rstrip(".") if self._ssl is not None else None
        _, connection = await self._loop.create_connection(self._new, ssl=self._ssl, server_hostname=name, **where)
        if not self._spoken:
            self._spoken = True
            self._loop.call_later(LOAD_AFTER_S, _load_replies)
        return connection

    def _new(self) -> Connection:
        return Connection(self._loop, self._max_body, self._connections, self._distrust_all)


def request_head(place: Place, headers: Mapping[str, str]) -> bytes:
    """What stands before the length of a POST's body."""
    lines = {"Host": place.named, **headers}
    fields = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {place.path} HTTP/1.1\r\n{fields}Content-Length: ".encode()


def default_context(authorities: str | None = None) -> ssl.SSLContext:
    """The system's authorities and those of a file, host names checked; HTTP/1.1 is all that is spoken."""
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(authorities)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _load_replies() -> None:
    import asyncsynth.provider.transport.replies  # noqa: PLC0415, F401 - while nothing is there for it yet


async def _is_silent_once_read(connection: Connection) -> bool:
    """Let the event loop read what came: an end, bytes that belong to no request, or a message of TLS itself."""
    for _ in range(TURNS_TO_READ):
        await asyncio.sleep(0)
        if not connection.is_open:
            return False
        if connection.is_silent:
            return True
    return False


def _abandon(reply: asyncio.Future[HttpReply], connection: Connection | None) -> None:
    """Nobody waits for it any more, and no exception in it is to be reported as unseen."""
    if not reply.cancel() and not reply.cancelled():
        reply.exception()
    if connection is not None:
        connection.abort()
