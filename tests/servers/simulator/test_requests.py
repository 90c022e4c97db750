from __future__ import annotations

import json
from typing import Any

import pytest

from asyncsynth.servers.simulator.dialects.dialect import Invalid
from asyncsynth.servers.simulator.requests import Asked, prompt_hash, read_request, uuid_line
from asyncsynth.values import Api

UUID = "3f0c9a52-1111-2222-3333-444455556666"
CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
COMPLETION: dict[str, Any] = {"model": "m", "prompt": "hello"}


def read(api: Api, tree: object) -> Asked | Invalid:
    return read_request(api, json.dumps(tree).encode(), 1024)


def test_prompt_is_the_last_user_message_and_all_messages_are_counted() -> None:
    messages = [("system", "12345678"), ("user", "old"), ("user", "asked"), ("assistant", "a start")]
    asked = read("chat", {"model": "m", "messages": [{"role": role, "content": text} for role, text in messages]})
    assert isinstance(asked, Asked)
    assert asked.prompt == "asked"
    assert asked.prompt_id.hex() == prompt_hash("asked")
    assert asked.prompt_tokens == 6  # 23 bytes


def test_content_in_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    asked = read("chat", {"model": "m", "messages": [{"role": "user", "content": parts}]})
    assert isinstance(asked, Asked)
    assert asked.prompt == "one two"


@pytest.mark.parametrize("prompt", ["hello", ["hello"]])
def test_completion_prompt_is_one_string_or_a_list_of_one(prompt: object) -> None:
    asked = read("completions", {"model": "m", "prompt": prompt})
    assert isinstance(asked, Asked)
    assert (asked.prompt, asked.prompt_tokens, asked.max_tokens) == ("hello", 2, 1024)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_both_names_of_max_tokens_are_read(name: str) -> None:
    asked = read("chat", CHAT | {name: 7})
    assert isinstance(asked, Asked)
    assert asked.max_tokens == 7


@pytest.mark.parametrize(
    ("api", "tree", "param"),
    [
        ("chat", [], None),
        ("chat", COMPLETION, "messages"),
        ("chat", CHAT | {"messages": []}, "messages"),
        ("chat", CHAT | {"messages": ["hello"]}, "messages"),
        ("chat", CHAT | {"messages": [{"role": "user", "content": None}]}, "messages"),
        ("chat", CHAT | {"model": None}, "model"),
        ("chat", CHAT | {"max_tokens": 0}, "max_tokens"),
        ("chat", CHAT | {"max_tokens": "7"}, "max_tokens"),
        ("chat", CHAT | {"max_tokens": True}, "max_tokens"),
        ("chat", CHAT | {"stream": True}, "stream"),
        ("chat", CHAT | {"n": 2}, "stream"),
        ("completions", CHAT, "prompt"),
        ("completions", COMPLETION | {"prompt": ["a", "b"]}, "prompt"),
    ],
)
def test_unreadable_requests_name_the_parameter(api: Api, tree: object, param: str | None) -> None:
    invalid = read(api, tree)
    assert isinstance(invalid, Invalid)
    assert invalid.param == param


def test_a_body_that_is_no_json_is_invalid() -> None:
    assert isinstance(read_request("chat", b"{", 1), Invalid)


@pytest.mark.parametrize(
    ("prompt", "uuid"),
    [
        (f"{UUID}\n\nImagine", UUID),
        (f"{UUID.upper()}\r\nImagine", UUID.upper()),
        (UUID, UUID),
        (f"Imagine\n{UUID}", None),
        (f"{UUID} Imagine", None),
        ("", None),
    ],
)
def test_uuid_line_is_a_uuid_alone_on_the_first_line(prompt: str, uuid: str | None) -> None:
    assert uuid_line(prompt) == uuid
