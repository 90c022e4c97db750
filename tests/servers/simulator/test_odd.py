"""What the simulator's odd answers are, by their bytes; that they are read is seen by the bill, in simulation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asyncsynth.servers.simulator import odd
from asyncsynth.servers.simulator.replies import Written, answer
from asyncsynth.values import Api

APIS: tuple[Api, Api] = ("chat", "completions")
both_apis = pytest.mark.parametrize("api", APIS)
TEXT = "[simulated] A text that is long enough for a few events of a stream, and then for one more of them."


def written(api: Api) -> Written:
    return Written(api, "x-1", 5, "m", 3, TEXT, 25, "stop")


@both_apis
def test_something_stands_around_an_answer_that_is_whole(api: Api) -> None:
    whole = answer(written(api))
    before, done = odd.done_after_json(written(api)).split(b"\n\n", 1)
    assert (json.loads(before), done) == (whole, b"data: [DONE]\n\n")
    comments, _, after = odd.comments_first(written(api)).rpartition(b"\n")
    assert all(line.startswith(b":") for line in comments.split(b"\n\n") if line)
    assert json.loads(after) == whole


@both_apis
def test_a_stream_has_the_text_in_pieces_and_the_usage_at_its_end(api: Api) -> None:
    *events, done, end = odd.event_stream(written(api)).decode().split("\n\n")
    assert (done, end) == ("data: [DONE]", "")
    trees: list[dict[str, Any]] = [json.loads(event.removeprefix("data: ")) for event in events]
    choices = [tree["choices"][0] for tree in trees if tree["choices"]]
    assert "".join(choice["delta"]["content"] if api == "chat" else choice["text"] for choice in choices) == TEXT
    assert len(choices) > 3
    assert [choice["finish_reason"] for choice in choices][-2:] == [None, "stop"]
    assert [tree["usage"] for tree in trees if tree["usage"]] == [answer(written(api))["usage"]]


@both_apis
def test_reasoning_apart_is_in_the_total_alone(api: Api) -> None:
    usage = json.loads(odd.reasoned_apart(written(api)))["usage"]
    assert usage["completion_tokens"] + usage["completion_tokens_details"]["reasoning_tokens"] == 25
    assert usage["total_tokens"] == 3 + 25
    assert usage["completion_tokens"] < 25


@both_apis
def test_what_went_into_thoughts_leaves_no_text(api: Api) -> None:
    tree = json.loads(odd.reasoned_away(written(api)))
    choice = tree["choices"][0]
    assert not (choice["message"]["content"] if api == "chat" else choice["text"])
    assert choice["finish_reason"] == "length"
    assert tree["usage"]["completion_tokens_details"]["reasoning_tokens"] == 25


@both_apis
def test_where_nothing_was_made_nothing_is_named(api: Api) -> None:
    tree = json.loads(odd.nothing_made(written(api)))
    assert (tree["id"], tree["model"], set(tree["usage"].values())) == ("", "", {0})
