"""What [endpoint] and [limits] say, checked against what the table of services knows."""

from __future__ import annotations

from collections.abc import Iterator

from asyncsynth.config import Endpoint, Limits
from asyncsynth.errors import Problem, nearest
from asyncsynth.provider.services import SERVICES


def problems(endpoint: Endpoint, limits: Limits | None) -> Iterator[Problem]:
    """The mistakes of an [endpoint]; `limits` None: that section is wrong itself."""
    service = SERVICES.get(endpoint.provider)
    if service is None:
        what = f"{endpoint.provider!r} is not one of {', '.join(SERVICES)}"
        yield Problem("endpoint.provider", what, nearest(endpoint.provider, SERVICES))
        return
    if endpoint.base_url is None and not service.ours:
        yield Problem("endpoint.base_url", f'is missing; provider "{service.name}" needs one')
    if endpoint.base_url is not None and service.ours:  # a rehearsal sends nothing to any other machine
        what = f'provider "{service.name}" has none; for the service at that address set provider = "openai"'
        yield Problem("endpoint.base_url", what)
    capped = limits is not None and limits.max_cost_usd is not None
    if capped and not service.free and service.most_tokens(endpoint.parameters) is None:
        yield Problem("limits.max_cost_usd", "needs endpoint.parameters.max_tokens, or a call has no worst case")
