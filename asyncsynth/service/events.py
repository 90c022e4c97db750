"""Server-sent events of one run: how far it is, at most four times a second, and its end; no texts are in them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from asyncsynth.service.service import Looked, Service

LEAST_S = 0.25  # between two events
SILENT_S = 15.0  # then a comment goes, so that nobody on the way takes the connection for dead
MOST = 64  # streams at once


class TooMany(Exception):
    """So many streams are open already."""


class Events:
    """Streams of events, counted; a reader that is slow gets fewer of them, and nothing is queued for it."""

    def __init__(self) -> None:
        self._open = 0

    async def stream(self, service: Service, name: str, request: web.Request) -> web.StreamResponse:
        """Until the run ends, the reader goes, or the service does. Raises NotThere, TooMany."""
        await service.look(name)
        if self._open >= MOST:
            raise TooMany
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        self._open += 1
        try:
            await response.prepare(request)
            await follow(service, name, request.headers.get("Last-Event-ID"), response.write)
        except ConnectionError:  # the reader went
            pass
        finally:
            self._open -= 1
        return response


async def follow(service: Service, name: str, last: str | None, write: Callable[[bytes], Awaitable[None]]) -> None:
    """Writes an event where anything differs from the one called `last`, until the run has ended."""
    loop = asyncio.get_running_loop()
    written_at = loop.time()
    while not service.closing.is_set():
        looked = await service.look(name)
        if looked.version != last:
            await write(event("progress", looked))
            last, written_at = looked.version, loop.time()
        elif loop.time() - written_at >= SILENT_S:
            await write(b": \n\n")
            written_at = loop.time()
        if looked.run.state not in ("working", "starting"):
            await write(event("end", looked))
            return
        await asyncio.sleep(LEAST_S)


def event(kind: str, looked: Looked) -> bytes:
    """As it goes over the wire; its id is the version, which a restart of the service does not change."""
    told = looked.run.model_copy(update={"message": None, "hint": None}).model_dump_json()
    return f"event: {kind}\nid: {looked.version}\ndata: {told}\n\n".encode()
