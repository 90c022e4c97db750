"""What [endpoint] and [limits] say, checked against what the table of services knows."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from asyncsynth.config import Endpoint, Limits, Prompt
from asyncsynth.config.addresses import is_exposed
from asyncsynth.errors import Problem, nearest
from asyncsynth.provider.services import NO_PROXY, SERVICES, Service
from asyncsynth.provider.wires.parameters import taken

# Other names for a service that people may try, and the nearest name would not be found.
OTHER_NAMES = {"google": "gemini", "vertex": "gemini", "claude": "anthropic", "grok": "xai", "aws": "bedrock"}


def problems(endpoint: Endpoint, limits: Limits | None) -> Iterator[Problem]:
    """The mistakes of an [endpoint]; `limits` None: that section is wrong itself."""
    service = SERVICES.get(endpoint.provider)
    if service is None:
        what = f'{endpoint.provider!r} is not one of {", ".join(SERVICES)}; any other one is "openai" with its base_url'
        yield Problem("endpoint.provider", what, _meant(endpoint.provider))
        return
    yield from _of_the_address(endpoint, service)
    yield from _of_the_way(endpoint)
    yield from _of_taken_parameters(endpoint, service)
    yield from _of_the_bound(endpoint, service, capped=limits is not None and limits.max_cost_usd is not None)


def problems_of_messages(prompt: Prompt, endpoint: Endpoint) -> Iterator[Problem]:
    """What is wrong with prompt.messages for the API that they are sent to."""
    service = SERVICES.get(endpoint.provider)
    if service is None:
        return
    if prompt.dialogue is not None and (endpoint.api or service.api) == "completions":
        yield Problem("prompt.dialogue", "can't be sent to api completions, which has no roles")
    if prompt.messages is None or prompt.is_plain or not prompt.turns:
        return
    api, place = endpoint.api or service.api, "prompt.messages"
    if api == "completions":
        yield Problem(place, "can't be sent to api completions, which has no roles: write prompt.request")
    elif prompt.turns[-1].role != "user" and api != "anthropic":
        what = f"must end with one of role user: api {api} does not go on with an answer that has begun"
        yield Problem(f"{place}[{len(prompt.messages) - 1}]", what)
    elif prompt.turns[0].role != "user" and api == "anthropic":
        yield Problem(place, "must begin with one of role user, after the system text: api anthropic requires it")


def _of_the_way(endpoint: Endpoint) -> Iterator[Problem]:
    if endpoint.transport == "own" and endpoint.proxy is not None and endpoint.proxy != NO_PROXY:
        yield Problem(
            "endpoint.transport", "our own connections can't go through a proxy; leave it out, and aiohttp's are used"
        )


def note_for(endpoint: Endpoint) -> str | None:
    """What is to be known of the service before the first call."""
    note = SERVICES[endpoint.provider].note
    return None if note is None or note.parameters_say_it(endpoint.parameters) else note.text


def _meant(name: str) -> str | None:
    return OTHER_NAMES.get(name.lower()) or nearest(name.lower(), SERVICES)


def _of_the_address(endpoint: Endpoint, service: Service) -> Iterator[Problem]:
    if endpoint.base_url is None:
        if not service.ours and service.base_url is None:
            what = f'is missing; provider "{service.name}" needs your own, like {service.example}'
            yield Problem("endpoint.base_url", what)
        elif service.speaks_only(endpoint.api or service.api):
            what = (
                f"at {service.base_url} {service.name} speaks {service.api};"
                f" where it speaks {endpoint.api} as well, set base_url to that address"
            )
            yield Problem("endpoint.api", what)
    elif service.ours:  # a rehearsal sends nothing to any other machine
        what = f'provider "{service.name}" has none; for the service at that address set provider = "openai"'
        yield Problem("endpoint.base_url", what)
    elif is_exposed(endpoint.base_url) and not endpoint.plain_http:
        what = (
            "must be https: over http the key and the prompts can be read on the way;"
            " if that is fine, set endpoint.plain_http = true"
        )
        yield Problem("endpoint.base_url", what)


def _of_taken_parameters(endpoint: Endpoint, service: Service) -> Iterator[Problem]:
    for name in taken(endpoint.api or service.api, endpoint.parameters):
        yield Problem(f"endpoint.parameters.{name}", "can't be set here: the recipe makes it, one answer a request")


def _is_some_other(endpoint: Endpoint, service: Service) -> bool:
    """Whether a row that stands for all that speak its API is used for a service that has none."""
    if endpoint.base_url is None or service.base_url is None:
        return False
    return service.name == "openai" and urlsplit(endpoint.base_url).hostname != urlsplit(service.base_url).hostname


def _of_the_bound(endpoint: Endpoint, service: Service, *, capped: bool) -> Iterator[Problem]:
    """What is wrong with the parameter that bounds an answer, or with its absence."""
    api, parameters = endpoint.api or service.api, endpoint.parameters
    bound = service.bound(api, endpoint.model)
    place = f"endpoint.parameters.{bound}"
    refused = service.refused_bound(api, endpoint.model, parameters)
    if refused is not None and not _is_some_other(endpoint, service):
        what = f"{service.name} does not take it for {endpoint.model}; write {bound}"
        yield Problem(f"endpoint.parameters.{refused}", what)
        return
    if service.most_tokens(api, parameters) is not None:
        return
    if api == "anthropic":
        yield Problem(place, "is missing; Anthropic's API needs it, like max_tokens = 400")
    elif capped and not service.is_free_at(endpoint.base_url):
        yield Problem("limits.max_cost_usd", f"needs {place}, or a call has no worst case")
