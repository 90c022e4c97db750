"""The table of services, and what the rest of the program asks of it."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.provider.services import SERVICES


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


@pytest.mark.parametrize(
    ("parameters", "most"),
    [
        ({}, None),
        ({"max_tokens": 200}, 200),
        ({"max_completion_tokens": 300}, 300),
        ({"max_completion_tokens": 300, "max_tokens": 400}, 400),
        ({"max_tokens": True}, None),
        ({"max_tokens": 0}, None),
        ({"max_tokens": "200"}, None),
        ({"max_completion_tokens": None, "max_tokens": 50}, 50),
    ],
    ids=str,
)
def test_the_most_tokens_of_an_answer_are_never_underestimated(parameters: dict[str, Any], most: int | None) -> None:
    assert SERVICES["openai"].most_tokens(parameters) == most
