"""A Provider on a port: from the first connection to the last, and in the foreground until a signal."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from asyncsynth.event_loop import loop_factory
from asyncsynth.servers.listening import cannot_listen, known_hosts
from asyncsynth.servers.simulator.answering import Answering
from asyncsynth.servers.simulator.connection import Connection
from asyncsynth.servers.simulator.ledger import Ledger
from asyncsynth.servers.simulator.provider import Provider
from asyncsynth.servers.simulator.settings import Settings

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_BACKLOG = 4096
_SHUTDOWN_S = 0.05  # for calls under way; a simulator's clients need no farewell


@dataclass(frozen=True, slots=True)
class Simulator:
    """A running simulator; `base_url` ends in /v1."""

    base_url: str
    provider: Provider


@asynccontextmanager
async def serve(
    settings: Settings, *, host: str = "127.0.0.1", port: int = 0, ledger: Path | None = None
) -> AsyncIterator[Simulator]:
    """Serve on host and port (0: the system chooses) while the block runs. UsageError where that can't be.

    On a loopback address it serves requests to that address and to localhost only; on others it serves everybody.
    """
    clock = epoch_clock()
    provider = Provider(settings, started_at=clock())
    with Ledger(ledger) if ledger else nullcontext() as book:
        answering = Answering(provider, book, clock, asyncio.get_running_loop(), known_hosts(host))
        connections: set[Connection] = set()
        server = await _listen(host, port, answering, connections)
        bound_port = server.sockets[0].getsockname()[1]
        try:
            yield Simulator(f"http://{f'[{host}]' if ':' in host else host}:{bound_port}/v1", provider)
        finally:
            server.close()
            await _shut_down(connections)
            answering.stop()


def run_simulator(
    settings: Settings, host: str, port: int, on_ready: Callable[[str], None], ledger: Path | None = None
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; `on_ready` gets the base_url once calls are answered."""

    async def until_signalled() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for one in SIGNALS:
            loop.add_signal_handler(one, stop.set)
        async with serve(settings, host=host, port=port, ledger=ledger) as simulator:
            on_ready(simulator.base_url)
            await stop.wait()

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(until_signalled())


def epoch_clock() -> Callable[[], float]:
    """Seconds since the epoch as of now, but never going back."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset


async def _listen(host: str, port: int, answering: Answering, connections: set[Connection]) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(lambda: Connection(loop, answering, connections), host, port, backlog=_BACKLOG)
    except OSError as error:
        raise cannot_listen(host, port, error) from error


async def _shut_down(connections: set[Connection]) -> None:
    """Let the calls under way end, but not for long; then close what is open."""
    for one in tuple(connections):
        one.shut_down()
    if any(one.is_busy for one in connections):
        await asyncio.sleep(_SHUTDOWN_S)
    for one in tuple(connections):
        one.close()
    await asyncio.sleep(0)  # in which they are lost
