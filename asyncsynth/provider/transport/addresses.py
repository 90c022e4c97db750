"""Where a host is: its addresses, looked up once for all connections that are made at a time."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType

KEPT_S = 10.0  # as long as aiohttp keeps them; a service that moves is found again soon


class Addresses:
    """The addresses of one host and port; each call to `get` begins with the next one, to spread the load."""

    __slots__ = ("_found", "_good_until", "_host", "_lookup", "_loop", "_port")

    def __init__(self, host: str, port: int, loop: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self._port = port
        self._loop = loop
        self._found: list[AddrInfoType] = []
        self._good_until = 0.0
        self._lookup: asyncio.Task[None] | None = None

    async def get(self) -> list[AddrInfoType]:
        """Raises OSError and UnicodeError, as socket.getaddrinfo does; ConnectionAbortedError after `close`."""
        if not self._found or self._loop.time() > self._good_until:
            if self._lookup is None or self._lookup.done():
                self._lookup = self._loop.create_task(self._look_up())
            await self._wait_for(self._lookup)
        first, *others = self._found
        self._found = [*others, first]
        return [first, *others]

    async def close(self) -> None:
        if self._lookup is not None and not self._lookup.done():
            self._lookup.cancel()
            await asyncio.wait([self._lookup])

    async def _wait_for(self, lookup: asyncio.Task[None]) -> None:
        try:
            await asyncio.shield(lookup)  # others wait for it too
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if lookup.cancelled() and not (task is not None and task.cancelling()):
                raise ConnectionAbortedError("the connections were closed") from None
            raise

    async def _look_up(self) -> None:
        found = await self._loop.getaddrinfo(
            self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
        self._found = list(found)
        self._good_until = self._loop.time() + KEPT_S
