"""The table of services, and what the rest of the program asks of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot

from asyncsynth.config.addresses import checked_base_url
from asyncsynth.provider.services import SERVICES, Service
from asyncsynth.values import Api


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("SmolLM2-135M-Instruct", "SmolLM2-135M-Instruct"),
        ("/models/Qwen3-0.6B.Q4_1.gguf", "Qwen3-0.6B.Q4_1"),
        ("models/Qwen3.gguf", "Qwen3"),
    ],
)
def test_a_local_model_has_the_same_name_wherever_its_file_lies(model: str, expected: str) -> None:
    assert SERVICES["local"].model_name(model) == expected


def test_answers_of_a_rehearsal_are_never_those_of_the_model_itself() -> None:
    assert SERVICES["simulator"].model_name("gpt-x") == "simulated:gpt-x"
    assert SERVICES["openai"].model_name("gpt-x") == "gpt-x"


def test_no_server_of_ours_gets_a_key() -> None:
    assert {service.name for service in SERVICES.values() if service.ours} == {"local", "simulator"}
    assert all(service.key_variable is None for service in SERVICES.values() if service.ours)


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_each_service_has_an_address_or_an_example_of_one_and_servers_of_ours_have_none(service: Service) -> None:
    addresses = [url for url in (service.base_url, service.example) if url]
    assert len(addresses) == (0 if service.ours else 1)
    for url in addresses:
        assert checked_base_url(url) == url
        assert service.is_free_at(None) or url.startswith("https://")


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_who_wants_a_key_has_a_variable_for_it_and_a_way_to_send_it(service: Service) -> None:
    if not service.ours:
        assert service.key_variable is not None
        assert service.needs_key != service.free
        assert re.fullmatch(r"[a-z-]+", service.auth)


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_the_price_list_has_every_service_that_bills(service: Service) -> None:
    if not service.free and not service.ours:
        get_snapshot().find_provider(None, service.price_id, None)


def test_a_server_of_ones_own_is_free_only_on_machines_of_ones_own() -> None:
    vllm = SERVICES["vllm"]
    assert vllm.is_free_at(None)
    assert vllm.is_free_at("http://192.168.1.20:8000/v1")
    assert not vllm.is_free_at("https://vllm.rented.example/v1")
    assert not SERVICES["openai"].is_free_at("http://localhost:8000/v1")


@pytest.mark.parametrize(
    ("service", "api", "parameters", "most"),
    [
        ("openai", "chat", {}, None),
        ("openai", "chat", {"max_tokens": 200}, 200),
        ("openai", "chat", {"max_completion_tokens": 300}, 300),
        ("openai", "chat", {"max_completion_tokens": 300, "max_tokens": 400}, 400),
        ("openai", "chat", {"max_tokens": True}, None),
        ("openai", "chat", {"max_tokens": 0}, None),
        ("openai", "chat", {"max_tokens": "200"}, None),
        ("openai", "chat", {"max_completion_tokens": None, "max_tokens": 50}, 50),
        ("openai", "completions", {"max_completion_tokens": 50}, None),
        ("openai", "responses", {"max_output_tokens": 60, "max_tokens": 50}, 60),
        ("mistral", "chat", {"max_completion_tokens": 50}, None),
        ("anthropic", "anthropic", {"max_tokens": 70}, 70),
        ("gemini", "gemini", {"maxOutputTokens": 90}, 90),
        ("gemini", "gemini", {"generationConfig": {"maxOutputTokens": 80}}, 80),
        ("gemini", "gemini", {"generation_config": {"max_output_tokens": 80}}, 80),
        ("gemini", "gemini", {"generationConfig": 5, "max_tokens": 9}, None),
    ],
    ids=str,
)
def test_the_most_tokens_of_an_answer_are_never_underestimated(
    service: str, api: Api, parameters: dict[str, Any], most: int | None
) -> None:
    assert SERVICES[service].most_tokens(api, parameters) == most


@pytest.mark.parametrize(
    ("service", "api", "model", "bound"),
    [
        ("openai", "chat", "gpt-4o-mini", "max_tokens"),
        ("openai", "chat", "gpt-5-chat-latest", "max_tokens"),
        ("openai", "chat", "gpt-5-mini", "max_completion_tokens"),
        ("openai", "chat", "o4-mini", "max_completion_tokens"),
        ("openai", "responses", "gpt-5-mini", "max_output_tokens"),
        ("openrouter", "chat", "openai/gpt-5-mini", "max_tokens"),
        ("anthropic", "anthropic", "claude", "max_tokens"),
        ("gemini", "gemini", "gemini-flash", "maxOutputTokens"),
    ],
)
def test_the_bound_to_write_goes_by_the_api_and_the_family_of_the_model(
    service: str, api: Api, model: str, bound: str
) -> None:
    assert SERVICES[service].bound(api, model) == bound


def test_a_bound_that_a_service_does_not_take_is_known() -> None:
    assert SERVICES["openai"].refused_bound("chat", "o3", {"max_tokens": 5}) == "max_tokens"
    assert SERVICES["openai"].refused_bound("chat", "gpt-4o", {"max_tokens": 5}) is None
    assert SERVICES["mistral"].refused_bound("chat", "m", {"max_completion_tokens": 5}) == "max_completion_tokens"
    assert SERVICES["anthropic"].refused_bound("anthropic", "m", {"max_output_tokens": 5}) == "max_output_tokens"
