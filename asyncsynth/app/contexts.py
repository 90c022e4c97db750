"""How many tokens a model takes, of request and answer together: what the config says, or what is known of it."""

from __future__ import annotations

from asyncsynth.config import Endpoint
from asyncsynth.provider.prices import published_context
from asyncsynth.provider.services import SERVICES

LOCAL_CONTEXT = 2048  # of the local model, at least
LOCAL_PROMPT = 1024  # of them for the prompt, where max_tokens is large


def context_of(endpoint: Endpoint) -> int | None:
    """In tokens; None where nobody knows it."""
    service = SERVICES[endpoint.provider]
    if endpoint.context is not None:
        return endpoint.context
    if endpoint.provider == "local":
        most = service.most_tokens(endpoint.api or service.api, endpoint.parameters) or 0
        return max(LOCAL_CONTEXT, most + LOCAL_PROMPT)
    return published_context(service, endpoint.model, endpoint.price, endpoint.base_url)
