"""The endpoint of a config: a service by its base_url, or a server of our own that lives as long as the run."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from asyncsynth.app.target import Target
from asyncsynth.config import Endpoint
from asyncsynth.provider.access import Access
from asyncsynth.provider.answers import AnswerRules
from asyncsynth.provider.endpoint import HttpEndpoint
from asyncsynth.provider.services import SERVICES
from asyncsynth.provider.transport.choice import transport_for
from asyncsynth.provider.wires import wire_of


@asynccontextmanager
async def http_endpoint(target: Target, calls: int, *, keep_truncated: bool) -> AsyncIterator[HttpEndpoint]:
    """The endpoint for so many calls at a time, with the server behind it where that is ours."""
    section, service = target.endpoint, SERVICES[target.endpoint.provider]
    access = target.access or Access()
    wire = wire_of(section.api or service.api, service.model_name(section.model), section.parameters)
    async with (
        served(section, calls) as base_url,
        HttpEndpoint(
            base_url,
            wire,
            access=access,
            timeout_s=section.timeout_s,
            keep_alive=section.keep_alive,
            rules=answer_rules(section, keep_truncated=keep_truncated),
            now=time.time,
            open_transport=transport_for(section.transport, access.proxy),
        ) as endpoint,
    ):
        yield endpoint


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
