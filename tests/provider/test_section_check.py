"""Mistakes of [endpoint] and [limits] that only the table of services can tell."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config import Endpoint, Limits, Prompt
from asyncsynth.config.rehearsal import REHEARSALS
from asyncsynth.provider.section_check import note_for, problems, problems_of_messages
from asyncsynth.provider.services import SERVICES

CAPPED = Limits(max_cost_usd=1.0)
URL = "https://api.example.com/v1"


def messages(endpoint: Endpoint, limits: Limits | None = None) -> list[str]:
    return [str(problem) for problem in problems(endpoint, limits)]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("opnai", "openai"),
        ("Mistral", "mistral"),
        ("google", "gemini"),
        ("claude", "anthropic"),
        ("togetherai", "together"),
    ],
)
def test_an_unknown_service_is_told_with_the_nearest_name(given: str, meant: str) -> None:
    (message,) = messages(Endpoint(provider=given), CAPPED)
    assert message.startswith(f"endpoint.provider: {given!r} is not one of local, simulator, openai, azure, ")
    assert message.endswith(f"did you mean {meant}?")


@pytest.mark.parametrize("name", ["azure", "bedrock"])
def test_a_service_where_each_customer_has_an_address_needs_a_base_url(name: str) -> None:
    (message,) = messages(Endpoint(provider=name))
    assert message.startswith(f'endpoint.base_url: is missing; provider "{name}" needs your own, like https://')


def test_http_beyond_private_networks_is_a_mistake_unless_it_is_asked_for() -> None:
    far = Endpoint(provider="vllm", base_url="http://gpu.example.com:8000/v1")
    (message,) = messages(far)
    assert message.startswith("endpoint.base_url: must be https")
    assert message.endswith("set endpoint.plain_http = true")
    assert messages(far.model_copy(update={"plain_http": True})) == []
    assert messages(Endpoint(provider="vllm", base_url="http://192.168.1.20:8000/v1")) == []


def test_another_api_of_a_service_with_one_of_its_own_needs_its_address() -> None:
    (message,) = messages(Endpoint(provider="gemini", api="chat"))
    assert message.startswith("endpoint.api: at https://generativelanguage.googleapis.com/v1beta gemini speaks gemini")
    compatible = "https://generativelanguage.googleapis.com/v1beta/openai"
    assert messages(Endpoint(provider="gemini", api="chat", base_url=compatible, auth="bearer")) == []


def test_a_bound_that_the_model_refuses_is_told_before_anything_is_sent() -> None:
    told = "endpoint.parameters.max_tokens: openai does not take it for o3; write max_completion_tokens"
    thinking = Endpoint(provider="openai", model="o3", parameters={"max_tokens": 9})
    assert messages(thinking, CAPPED) == [told]
    assert messages(thinking.model_copy(update={"base_url": URL})) == []  # who knows what a gateway takes
    unheard = Endpoint(provider="ollama", parameters={"max_completion_tokens": 9})
    assert messages(unheard) == [
        "endpoint.parameters.max_completion_tokens: ollama does not take it for SmolLM2-135M-Instruct; write max_tokens"
    ]


def test_anthropics_api_needs_a_bound() -> None:
    needs = "endpoint.parameters.max_tokens: is missing; Anthropic's API needs it, like max_tokens = 400"
    assert messages(Endpoint(provider="anthropic")) == [needs]
    assert messages(Endpoint(provider="anthropic", parameters={"max_tokens": 9}), CAPPED) == []


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


@pytest.mark.parametrize(
    ("provider", "parameters", "told"),
    [
        ("ollama", {}, "num_ctx"),
        ("vllm", {}, "generation_config"),
        ("vllm", {"temperature": 1.0}, "generation_config"),
        ("vllm", {"temperature": 1.0, "top_p": 1.0}, None),
        ("openai", {}, None),
    ],
)
def test_what_a_service_does_without_a_word_is_told_before(
    provider: str, parameters: dict[str, Any], told: str | None
) -> None:
    note = note_for(Endpoint(provider=provider, parameters=parameters))
    assert (note is None) if told is None else (note is not None and told in note)


@pytest.mark.parametrize(
    ("provider", "parameters", "name"),
    [
        ("anthropic", {"max_tokens": 9, "system": "x"}, "system"),
        ("gemini", {"contents": []}, "contents"),
        ("gemini", {"generationConfig": {"candidateCount": 2}}, "candidateCount"),
    ],
)
def test_what_the_recipe_makes_is_no_parameter(provider: str, parameters: dict[str, Any], name: str) -> None:
    endpoint = Endpoint(provider=provider, parameters=parameters)
    told = f"endpoint.parameters.{name}: can't be set here: the recipe makes it, one answer a request"
    assert messages(endpoint) == [told]


def test_our_own_connections_and_a_proxy_do_not_go_together() -> None:
    (message,) = messages(Endpoint(provider="openai", transport="own", proxy="http://proxy.test"))
    assert message.startswith("endpoint.transport: our own connections can't go through a proxy")
    assert messages(Endpoint(provider="openai", transport="own", proxy="none")) == []


U, A, S = ({"role": role, "content": "x"} for role in ("user", "assistant", "system"))
BEGUN = "prompt.messages[1]: must end with one of role user: api {} does not go on with an answer that has begun"
FIRST = "prompt.messages: must begin with one of role user, after the system text: api anthropic requires it"
NO_ROLES = "prompt.messages: can't be sent to api completions, which has no roles: write prompt.request"


@pytest.mark.parametrize(
    ("api", "said", "told"),
    [
        ("chat", [S, U, A, U], []),
        ("chat", [U, A], [BEGUN.format("chat")]),
        ("gemini", [U, A], [BEGUN.format("gemini")]),
        ("anthropic", [U, A], []),
        ("anthropic", [S, A, U], [FIRST]),
        ("completions", [U, A, U], [NO_ROLES]),
        ("completions", [S, U], []),
    ],
)
def test_messages_fit_the_api_that_they_are_sent_to(api: Any, said: list[Any], told: list[str]) -> None:
    prompt = Prompt.model_validate({"messages": said})
    assert [str(problem) for problem in problems_of_messages(prompt, Endpoint(provider="openai", api=api))] == told
