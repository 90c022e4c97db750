"""HTTP around a Provider: the calls, /v1/models, /stats and /health, on one low-level aiohttp.web server."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import orjson
from aiohttp import web

from asyncsynth.errors import UsageError
from asyncsynth.simulator import replies, wire
from asyncsynth.simulator.faults import Effect
from asyncsynth.simulator.ledger import Ledger
from asyncsynth.simulator.provider import Provider
from asyncsynth.simulator.settings import Settings
from asyncsynth.values import Api

try:
    import uvloop as _uvloop
except ImportError:  # no wheel for this platform
    uvloop: ModuleType | None = None
else:
    uvloop = _uvloop

APIS: dict[str, Api] = {"/v1/chat/completions": "chat", "/v1/completions": "completions"}
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
    """Serve on host and port (0: the system chooses) while the block runs. UsageError where that can't be."""
    clock = epoch_clock()
    provider = Provider(settings, started_at=clock())
    with Ledger(ledger) if ledger else nullcontext() as book:
        handler = _Handler(provider, book, clock)
        # access_log=None: a line a call would cost more than the call.
        runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            await _listen(runner, host, port)
            bound_port = runner.addresses[0][1]
            yield Simulator(f"http://{f'[{host}]' if ':' in host else host}:{bound_port}/v1", provider)
        finally:
            await runner.cleanup()


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

    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        runner.run(until_signalled())


def epoch_clock() -> Callable[[], float]:
    """Seconds since the epoch as of now, but never going back."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset


async def _listen(runner: web.ServerRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port, backlog=_BACKLOG).start()
    except OSError as error:
        raise UsageError(f"can't listen on {host} port {port}: {error.strerror}") from error


class _Handler:
    """Answers requests; one instance a server."""

    def __init__(self, provider: Provider, ledger: Ledger | None, clock: Callable[[], float]) -> None:
        self._provider = provider
        self._ledger = ledger
        self._clock = clock
        self._started_at = int(clock())

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        api = APIS.get(request.raw_path)
        if api is None or request.method != "POST":
            return self._page(request)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge as error:
            why = replies.error(str(error.text), "invalid_request_error")
            return wire.reply(413, (replies.JSON,), why, keep_alive=False)
        plan = self._provider.decide(self._clock(), api, body)
        if plan.latency_s > 0:
            await asyncio.sleep(plan.latency_s)
        transport = request.transport
        line = self._provider.finish(
            plan, self._clock(), delivered=transport is not None and not transport.is_closing()
        )
        if self._ledger:
            try:
                self._ledger.append(line)
            except UsageError as error:
                # What the ledger doesn't have must not be sent: it would be the client's word against ours.
                return wire.reply(500, (replies.JSON,), replies.error(error.message, "server_error"), keep_alive=False)
        if plan.status is not None:
            return wire.reply(plan.status, plan.headers, plan.body, keep_alive=request.keep_alive, effect=plan.effect)
        if plan.effect is Effect.RESET:
            wire.reset(transport)
        return wire.silence(keep_open=plan.effect is Effect.HANG)

    def _page(self, request: web.BaseRequest) -> web.StreamResponse:
        """GET pages, and errors for everything else."""
        status, body = 200, b'{"status":"ok"}'
        match request.method, request.path:
            case "GET", "/health":
                pass
            case "GET", "/v1/models":
                body = replies.models(self._provider.settings.models, self._started_at)
            case "GET", "/stats":
                body = self._stats(request)
            case _, ("/health" | "/v1/models" | "/stats" | "/v1/chat/completions" | "/v1/completions"):
                message = f"Not allowed to {request.method} on {request.path}."
                status, body = 405, replies.error(message, "invalid_request_error", "method_not_supported")
            case _:
                message = f"Invalid URL ({request.method} {request.path})"
                status, body = 404, replies.error(message, "invalid_request_error")
        return wire.reply(status, (replies.JSON,), body, keep_alive=request.keep_alive)

    def _stats(self, request: web.BaseRequest) -> bytes:
        stats = self._provider.stats
        tree = stats.totals()
        if request.query.get("prompts") == "1":
            tree["prompts"] = stats.by_prompt(texts=request.query.get("texts") == "1")
        return orjson.dumps(tree)
