"""Mistakes of [endpoint] and [limits] that only the table of services can tell."""

from __future__ import annotations

import pytest

from asyncsynth.config import Endpoint, Limits
from asyncsynth.config.rehearsal import REHEARSALS
from asyncsynth.provider.section_check import problems
from asyncsynth.provider.services import SERVICES

CAPPED = Limits(max_cost_usd=1.0)
URL = "https://api.example.com/v1"


def messages(endpoint: Endpoint, limits: Limits | None = None) -> list[str]:
    return [str(problem) for problem in problems(endpoint, limits)]


def test_an_unknown_service_is_told_with_the_nearest_name() -> None:
    assert messages(Endpoint(provider="opnai"), CAPPED) == [
        "endpoint.provider: 'opnai' is not one of local, simulator, openai; did you mean openai?"
    ]


def test_a_service_that_others_run_needs_a_base_url() -> None:
    assert messages(Endpoint(provider="openai")) == ['endpoint.base_url: is missing; provider "openai" needs one']


@pytest.mark.parametrize("name", [service.name for service in SERVICES.values() if service.ours])
@pytest.mark.parametrize("url", [URL, "http://127.0.0.1:8000/v1"])
def test_promise_14_a_rehearsal_with_a_base_url_is_a_mistake(name: str, url: str) -> None:
    assert messages(Endpoint(provider=name, base_url=url)) == [
        f'endpoint.base_url: provider "{name}" has none; for the service at that address set provider = "openai"'
    ]


def test_promise_14_what_is_a_rehearsal_is_known_alike_where_the_config_is_read() -> None:
    assert set(REHEARSALS) == {service.name for service in SERVICES.values() if service.ours}


@pytest.mark.parametrize(
    "good", [Endpoint(), Endpoint(provider="simulator"), Endpoint(provider="openai", base_url=URL)], ids=str
)
def test_a_whole_endpoint_is_no_mistake(good: Endpoint) -> None:
    assert messages(good, Limits()) == []


@pytest.mark.parametrize(("name", "url"), [("simulator", None), ("openai", URL)])
def test_a_spend_cap_without_max_tokens_is_a_mistake_where_calls_cost_something(name: str, url: str | None) -> None:
    endpoint = Endpoint(provider=name, base_url=url)
    what = "limits.max_cost_usd: needs endpoint.parameters.max_tokens, or a call has no worst case"
    assert messages(endpoint, CAPPED) == [what]
    assert messages(endpoint.model_copy(update={"parameters": {"max_completion_tokens": 9}}), CAPPED) == []
    assert messages(Endpoint(provider="local"), CAPPED) == []
