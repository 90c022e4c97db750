"""What each request gets: what the Provider decides, when its time has come, for a call; a page or an error at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from urllib.parse import unquote

import orjson

from asyncsynth.errors import UsageError
from asyncsynth.servers.listening import without_port
from asyncsynth.servers.simulator import replies, wire
from asyncsynth.servers.simulator.connection import Connection, Request
from asyncsynth.servers.simulator.faults import Effect
from asyncsynth.servers.simulator.ledger import Ledger
from asyncsynth.servers.simulator.provider import Plan, Provider
from asyncsynth.values import Api

APIS: dict[str, Api] = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "completions",
    "/v1/responses": "responses",
    "/v1/messages": "anthropic",
}
_GEMINI = re.compile(r"/v1(?:beta)?/models/([^/?]+):generateContent")


_PAGES = ("/health", "/v1/models", "/stats")


class Answering:
    """Answers requests; one instance a server. After `stop` the calls under way are as if they had never ended.

    `hosts` are what a request may name as its host; None: anything.
    """

    def __init__(
        self,
        provider: Provider,
        ledger: Ledger | None,
        clock: Callable[[], float],
        loop: asyncio.AbstractEventLoop,
        hosts: frozenset[str] | None = None,
    ) -> None:
        self._provider = provider
        self._ledger = ledger
        self._clock = clock
        self._loop = loop
        self._hosts = hosts
        self._started_at = int(clock())
        self._stopped = False

    def __call__(self, request: Request, connection: Connection) -> None:
        if self._hosts is not None and without_port(request.host) not in self._hosts:
            self._refuse_host(request, connection)
            return
        api, model = _asked(request.path)
        if api is None or request.method != "POST":
            status, body = self._page(request)
            if request.method == "HEAD":
                body = b""
            page = wire.reply(status, (replies.JSON,), body, keep_alive=request.keep_alive)
            connection.reply(page, keep_open=request.keep_alive)
            return
        plan = self._provider.decide(self._clock(), api, request.body, model)
        if plan.latency_s > 0:
            # No task a call: a timer is a tenth of one.
            self._loop.call_later(plan.latency_s, self._carry_out, plan, connection, request.keep_alive)
        else:
            self._carry_out(plan, connection, request.keep_alive)

    def _refuse_host(self, request: Request, connection: Connection) -> None:
        why = f"No such host here: {request.host!r}. Use localhost, or an address that this server listens on."
        connection.reply(wire.refusal(421, why), keep_open=False)

    def stop(self) -> None:
        self._stopped = True

    def _carry_out(self, plan: Plan, connection: Connection, keep_alive: bool) -> None:
        """The model has worked: bill the call, and send what came of it where somebody is left to send it to."""
        if self._stopped:
            return
        line = self._provider.finish(plan, self._clock(), delivered=connection.is_open)
        if self._ledger:
            try:
                self._ledger.append(line)
            except UsageError as error:
                # What the ledger doesn't have must not be sent: it would be the client's word against ours.
                why = replies.error(error.message, "server_error")
                connection.reply(wire.reply(500, (replies.JSON,), why, keep_alive=False), keep_open=False)
                return
        if plan.effect is Effect.RESET:
            connection.reset()
        elif plan.status is None:
            connection.reply(b"", keep_open=True)
        elif plan.effect is Effect.TRUNCATE:
            connection.reply(wire.truncated(plan.status, plan.headers, plan.body), keep_open=False)
        else:
            whole = wire.reply(plan.status, plan.headers, plan.body, keep_alive=keep_alive)
            connection.reply(whole, keep_open=keep_alive)

    def _page(self, request: Request) -> tuple[int, bytes]:
        """GET pages, and errors for everything else."""
        method, path = request.method, request.url.path
        match method, path:
            case "GET", "/health":
                return 200, b'{"status":"ok"}'
            case "GET", "/v1/models":
                return 200, replies.models(self._provider.settings.models, self._started_at)
            case "GET", _ if path.startswith("/v1/models/") and path != "/v1/models/":
                return 200, replies.model(path.removeprefix("/v1/models/"), self._started_at)
            case "GET", "/stats":
                return 200, self._stats(request)
            case _, known if known in _PAGES or _asked(known)[0] is not None:
                message = f"Not allowed to {method} on {path}."
                return 405, replies.error(message, "invalid_request_error", "method_not_supported")
        return 404, replies.error(f"Invalid URL ({method} {path})", "invalid_request_error")

    def _stats(self, request: Request) -> bytes:
        stats = self._provider.stats
        tree = stats.totals()
        query = request.url.query
        if query.get("prompts") == "1":
            tree["prompts"] = stats.by_prompt(texts=query.get("texts") == "1")
        return orjson.dumps(tree)


def _asked(target: str) -> tuple[Api | None, str | None]:
    """The API of a request's target, and the model where it stands there."""
    path = target.partition("?")[0]
    if (api := APIS.get(path)) is not None:
        return api, None
    found = _GEMINI.fullmatch(path)
    return (None, None) if found is None else ("gemini", unquote(found[1]))
