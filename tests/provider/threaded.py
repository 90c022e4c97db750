"""A scripted server in a thread of its own: its bytes come while the client's event loop does something else."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.provider.scripted import PATIENCE_S, Scripted, Turn, scripted


@dataclass(frozen=True)
class Threaded:
    """A running server; what is asked of it is done in its own thread."""

    server: Scripted
    loop: asyncio.AbstractEventLoop

    @property
    def base_url(self) -> str:
        return self.server.base_url

    def send(self, data: bytes, *, to: int = 0) -> None:
        """Send bytes that nobody asked for, on this connection."""
        self._do(lambda: self.server.send(data, to=to))

    def close(self, connection: int = 0) -> None:
        self._do(lambda: self.server.close(connection))

    async def arrived(self, count: int) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self.server.arrived(count), self.loop))

    def _do(self, work: Callable[[], None]) -> None:
        self.loop.call_soon_threadsafe(work)


@asynccontextmanager
async def threaded(*turns: Turn, tls: ssl.SSLContext | None = None) -> AsyncIterator[Threaded]:
    running: list[Threaded] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with scripted(*turns, tls=tls) as server:
            running.append(Threaded(server, asyncio.get_running_loop()))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="scripted")
    thread.start()
    assert await asyncio.to_thread(ready.wait, PATIENCE_S)
    try:
        yield running[0]
    finally:
        running[0].loop.call_soon_threadsafe(stop.set)
        await asyncio.to_thread(thread.join, PATIENCE_S)
        assert not thread.is_alive()
