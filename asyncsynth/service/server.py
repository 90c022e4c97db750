"""The service on a port: put together, opened, and closed in stages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import NamedTuple

from aiohttp import web

from asyncsynth.servers.listening import cannot_listen
from asyncsynth.service.address import Address, url_of
from asyncsynth.service.answering import guarded, handler_of, secured
from asyncsynth.service.events import Events
from asyncsynth.service.guard import Guard
from asyncsynth.service.metrics import CONTENT_TYPE, metrics
from asyncsynth.service.openapi import description
from asyncsynth.service.page import page_routes
from asyncsynth.service.routes import ID, ROUTES
from asyncsynth.service.service import Service
from asyncsynth.service.state_folder import StateFolder

LOOKS = 2  # threads that look at directories
MOST_SENT = 2 << 20  # bytes of a body
_LONGEST_LINE = 1 << 16  # bytes of a path with its query
_SHUTDOWN_S = 2.0  # for requests under way


class Served(NamedTuple):
    """A service that listens; `url` is its address without the token."""

    url: str
    service: Service


@asynccontextmanager
async def served(address: Address, folder: StateFolder, say: Callable[[str], None]) -> AsyncIterator[Served]:
    """Serve while the block runs; `say` tells a person. Runs are not stopped at its end: Supervisor.stop does that.

    Raises UsageError where the address is not to be had.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(LOOKS, thread_name_prefix="look"))
    service = Service(folder, say)
    runner = web.AppRunner(
        application(service, address), access_log=None, shutdown_timeout=_SHUTDOWN_S, max_line_size=_LONGEST_LINE
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, address.host, address.port)
        try:
            await site.start()
        except OSError as error:
            raise cannot_listen(address.host, address.port, error) from error
        port = runner.addresses[0][1]
        await service.supervisor.take_up()
        yield Served(url_of(address.host, port), service)
    finally:
        service.close()
        await runner.cleanup()


def application(service: Service, address: Address) -> web.Application:
    app = web.Application(middlewares=[guarded(Guard(address.host, address.token))], client_max_size=MOST_SENT)
    app.on_response_prepare.append(secured)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, handler_of(route, service))
    events = Events()

    async def stream(request: web.Request) -> web.StreamResponse:
        return await events.stream(service, request.match_info["id"], request)

    app.router.add_get(f"/api/runs/{ID}/events", stream)
    app.router.add_get("/api/openapi.json", partial(_described))
    app.router.add_get("/metrics", partial(_measured, service))
    app.router.add_get("/healthz", _healthy)
    app.add_routes(page_routes())
    return app


async def _described(request: web.Request) -> web.Response:
    del request
    return web.Response(body=description(), content_type="application/json")


async def _measured(service: Service, request: web.Request) -> web.Response:
    del request
    return web.Response(body=await metrics(service), headers={"Content-Type": CONTENT_TYPE})


async def _healthy(request: web.Request) -> web.Response:
    del request
    return web.json_response({"ok": True})
