from __future__ import annotations

import json

from asyncsynth.provider.wires.chat import Chat
from tests.provider.scripted import request


def test_a_body_holds_model_parameters_and_messages_and_wants_no_stream() -> None:
    wire = Chat("gpt-x", {"temperature": 1.0, "stop": ["END"]})
    asked = request('Say "hi"\n☃', system="Be brief.")
    assert wire.path == "/chat/completions"
    assert json.loads(wire.body(asked)) == {
        "model": "gpt-x",
        "stream": False,
        "temperature": 1.0,
        "stop": ["END"],
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": 'Say "hi"\n☃'}],
    }


def test_a_body_without_system_text_has_one_message() -> None:
    assert json.loads(Chat("m", {}).body(request("hi")))["messages"] == [{"role": "user", "content": "hi"}]


def test_a_body_is_one_line() -> None:
    """It is embedded in a line of raw.jsonl."""
    assert b"\n" not in Chat("m", {"stop": ["\n"]}).body(request("two\nlines"))


def test_parameters_beyond_64_bits_are_sent_as_they_stand() -> None:
    assert json.loads(Chat("m", {"seed": 2**70}).body(request("hi")))["seed"] == 2**70


def test_a_request_with_half_a_utf_16_pair_is_sent_as_json() -> None:
    body = Chat("m", {}).body(request("half \ud83d pair"))
    assert json.loads(body)["messages"][0]["content"] == "half \ud83d pair"
