"""The section [prompt]: a request or messages, and what is wrong with either."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config.check import check
from asyncsynth.config.prompt import Prompt

USER = {"role": "user", "content": "A {{ genre }} plot."}
ASSISTANT = {"role": "assistant", "content": "In space."}
SYSTEM = {"role": "system", "content": "Be brief."}


def mistakes(**prompt: Any) -> list[str]:
    tree = {
        "axes": {"genre": ["horror"]},
        "prompt": prompt,
        "record": {"prompt": "{{ genre }}"},
        "output": {"directory": "out"},
    }
    return [str(problem) for problem in check(tree, "config.toml").problems]


@pytest.mark.parametrize(
    "messages", [[USER], [SYSTEM, USER], [USER, ASSISTANT, USER], [SYSTEM, USER, ASSISTANT]], ids=str
)
def test_messages_stand_in_place_of_the_request(messages: list[Any]) -> None:
    assert mistakes(messages=messages) == []


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ({}, 'prompt.request: is missing: what should be asked? For example request = "A {{ genre }} story."'),
        ({"reqest": "x"}, "prompt.reqest: unknown option; did you mean request?"),
        ({"mesages": [USER]}, "prompt.mesages: unknown option; did you mean messages?"),
        (
            {"request": "x", "messages": [USER]},
            "prompt.request: can't be used with messages: make it their last one, of role user",
        ),
        (
            {"system": "x", "messages": [USER]},
            "prompt.system: can't be used with messages: make it their first one, of role system",
        ),
        ({"messages": []}, "prompt.messages: must not be empty"),
        (
            {"messages": [{"role": "bot", "content": "x"}, USER]},
            'prompt.messages[0].role: "bot" is not one of system, user, assistant',
        ),
        ({"messages": [USER, SYSTEM]}, "prompt.messages[1].role: system can only be the first one"),
        ({"messages": [SYSTEM, ASSISTANT]}, "prompt.messages: need one of role user: what should be asked?"),
        ({"messages": [{"role": "user"}]}, "prompt.messages[0].content: is missing"),
        ({"messages": "x"}, 'prompt.messages: must be a list, not "x"'),
    ],
    ids=str,
)
def test_each_mistake_is_told_once_with_what_to_do(prompt: dict[str, Any], told: str) -> None:
    assert mistakes(**prompt) == [told]


def test_messages_that_are_a_system_text_and_a_request_are_plain() -> None:
    plain = Prompt.model_validate({"messages": [SYSTEM, USER]})
    assert plain.is_plain
    assert plain.system_text is not None
    assert (plain.system_text.template, plain.turns[0].template) == (SYSTEM["content"], USER["content"])
    assert not Prompt.model_validate({"messages": [USER, ASSISTANT]}).is_plain
