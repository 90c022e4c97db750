"""The endpoint of a config: a service by its base_url, or a server of our own that lives as long as the run."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from typing import Any

from asyncsynth.app.target import Target
from asyncsynth.config import Endpoint
from asyncsynth.provider.access import Access
from asyncsynth.provider.answers import AnswerRules
from asyncsynth.provider.endpoint import HttpEndpoint
from asyncsynth.provider.services import SERVICES
from asyncsynth.provider.tiers import timeout_of
from asyncsynth.provider.transport.choice import transport_for
from asyncsynth.provider.wires import wire_of
from asyncsynth.values import Reply, Request


@asynccontextmanager
async def http_endpoint(target: Target, calls: int, *, keep_truncated: bool) -> AsyncIterator[HttpEndpoint | ByStep]:
    """The endpoint for so many calls at a time, with the server behind it where that is ours."""
    async with AsyncExitStack() as opened:
        base_url = await opened.enter_async_context(served(target.endpoint, calls))

        async def open_for(section: Endpoint, schema: Mapping[str, Any] | None = None) -> HttpEndpoint:
            made = _endpoint(base_url, section, schema, target.access or Access(), keep_truncated=keep_truncated)
            return await opened.enter_async_context(made)

        shared = [step for step in target.steps if step not in target.own]
        by_step = {step: await open_for(own.endpoint, own.schema) for step, own in target.own.items()}
        if shared:
            by_step |= dict.fromkeys(shared, await open_for(target.endpoint))
        yield next(iter(by_step.values())) if len(set(map(id, by_step.values()))) == 1 else ByStep(by_step)


class ByStep:
    """An endpoint of which each step asks another model, or with other parameters."""

    def __init__(self, endpoints: Mapping[str, HttpEndpoint]) -> None:
        self._endpoints = endpoints

    async def send(self, request: Request) -> Reply:
        """One call, as HttpEndpoint makes it."""
        return await self._endpoints[request.step].send(request)


def _endpoint(
    base_url: str, section: Endpoint, schema: Mapping[str, Any] | None, access: Access, *, keep_truncated: bool
) -> HttpEndpoint:
    service = SERVICES[section.provider]
    api, model = section.api or service.api, service.model_name(section.model)
    return HttpEndpoint(
        base_url,
        wire_of(api, model, section.parameters, schema, section.schemas or service.schemas(api)),
        access=access,
        timeout_s=timeout_of(section),
        keep_alive=section.keep_alive,
        rules=answer_rules(section, keep_truncated=keep_truncated),
        now=time.time,
        open_transport=transport_for(section.transport, access.proxy, access.authorities),
    )


def answer_rules(endpoint: Endpoint, *, keep_truncated: bool) -> AnswerRules:
    """What the config says of answers."""
    return AnswerRules(keep_truncated, strip_reasoning=endpoint.reasoning == "strip")


def served(endpoint: Endpoint, calls: int) -> AbstractAsyncContextManager[str]:
    """The base_url to call, while the block runs."""
    base_url = endpoint.base_url or SERVICES[endpoint.provider].base_url
    if base_url is not None:
        return nullcontext(base_url)
    from asyncsynth.app.own_server import own_server  # noqa: PLC0415 - calls to others must not wait for it

    return own_server(endpoint, calls)
