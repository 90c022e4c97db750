from __future__ import annotations

import gzip
import json
from typing import Any

import orjson
import pytest

from asyncsynth.servers.simulator.dialects import DIALECTS
from asyncsynth.servers.simulator.faults import FAULTS, Effect, FaultKind
from asyncsynth.servers.simulator.spoilt import BOMB_BYTES, changed, reply
from asyncsynth.servers.simulator.written import Written
from asyncsynth.values import Api

APIS: tuple[Api, Api] = ("chat", "completions")


TEXT = "[simulated] A text that is long enough for a few events of a stream, and then for one more of them."
both_apis = pytest.mark.parametrize("api", APIS)


def written(api: Api) -> Written:
    return Written(api, "x-1", 5, "m", 3, TEXT, 25, "stop")


def spoilt(kind: str, api: Api = "chat") -> tuple[dict[str, str], bytes]:
    spoilt = reply(FaultKind(kind), changed(FaultKind(kind), written(api)), 0.5)
    return dict(spoilt.headers), spoilt.body


def answer(api: Api) -> dict[str, Any]:
    return DIALECTS[api].answer(written(api))


def choice(kind: str, api: Api) -> dict[str, Any]:
    found = orjson.loads(spoilt(kind, api)[1])["choices"][0]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_has_a_reply_with_a_type(kind: FaultKind, api: Api) -> None:
    headers, body = spoilt(kind, api)
    assert headers["content-type"].startswith(("application/json", "text/html", "text/event-stream"))
    assert (body == b"") == (FAULTS[kind].effect in {Effect.RESET, Effect.HANG} or kind is FaultKind.EMPTY_BODY)


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if FAULTS[kind].status in range(400, 600)])
def test_error_bodies_are_one_error_object(kind: FaultKind) -> None:
    if kind in (FaultKind.CLOUDFLARE_524, FaultKind.CHALLENGE_403):
        assert spoilt(kind)[1].startswith(b"<!DOCTYPE html>")
        return
    tree = orjson.loads(spoilt(kind)[1])
    error = tree[0]["error"] if kind is FaultKind.DAILY_QUOTA_429 else tree["error"]
    assert error["message"]
    assert error.get("type") or error.get("status") or error["code"]


@pytest.mark.parametrize(
    ("kind", "code", "error_type"),
    [
        ("rate_limited_429", "rate_limit_exceeded", "requests"),
        ("insufficient_quota", "insufficient_quota", "insufficient_quota"),
        ("unauthorized", "invalid_api_key", "invalid_request_error"),
        ("model_not_found", "model_not_found", "invalid_request_error"),
    ],
)
def test_codes_and_types_are_openais(kind: str, code: str, error_type: str) -> None:
    error = orjson.loads(spoilt(kind)[1])["error"]
    assert (error["code"], error["type"]) == (code, error_type)


def test_headers_that_make_the_fault() -> None:
    assert (
        spoilt("rate_limited_429")[0] | {"retry-after": "1", "retry-after-ms": "500"} == spoilt("rate_limited_429")[0]
    )
    assert spoilt("should_not_retry")[0]["x-should-retry"] == "false"
    assert spoilt("redirect_307")[0]["location"] == "/elsewhere"
    assert spoilt("html")[0]["content-type"].startswith("text/html")


@pytest.mark.parametrize("api", APIS)
def test_bad_json_is_not_json(api: Api) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(spoilt("bad_json", api)[1])


@pytest.mark.parametrize("api", APIS)
def test_answers_that_lack_something(api: Api) -> None:
    assert orjson.loads(spoilt("empty_choices", api)[1])["choices"] == []
    assert "usage" not in orjson.loads(spoilt("usage_missing", api)[1])
    null, refusal = choice("null_content", api), choice("refusal", api)
    assert (null["message"]["content"] if api == "chat" else null["text"]) is None
    assert (refusal["message"]["content"] if api == "chat" else refusal["text"]) is None
    assert "I'm sorry" in (refusal["message"] if api == "chat" else refusal)["refusal"]
    assert choice("content_filter", api)["finish_reason"] == "content_filter"


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("kind", ["lone_surrogate", "huge_integer"])
def test_what_orjson_refuses_the_standard_library_reads(kind: str, api: Api) -> None:
    body = spoilt(kind, api)[1]
    if kind == "lone_surrogate":
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(body)
        text = json.loads(body)["choices"][0]
        assert "\ud83d" in (text["message"]["content"] if api == "chat" else text["text"])
    else:
        assert json.loads(body)["serial"] > 2**64


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("kind", ["slow", "truncated"])
def test_kinds_that_leave_the_body_alone(kind: str, api: Api) -> None:
    assert orjson.loads(spoilt(kind, api)[1]) == answer(api)


def test_the_error_in_200_carries_the_status_that_should_have_been() -> None:
    assert orjson.loads(spoilt("error_in_200")[1])["error"]["code"] == 502


def test_the_bomb_is_small_on_the_wire_and_huge_unpacked() -> None:
    headers, body = spoilt("compressed_bomb")
    assert headers["content-encoding"] == "gzip"
    assert len(body) < BOMB_BYTES / 500
    assert len(gzip.decompress(body)) == BOMB_BYTES


@both_apis
def test_something_stands_around_an_answer_that_is_whole(api: Api) -> None:
    whole = answer(api)
    before, done = spoilt("done_after_json", api)[1].split(b"\n\n", 1)
    assert (json.loads(before), done) == (whole, b"data: [DONE]\n\n")
    comments, _, after = spoilt("comments_first", api)[1].rpartition(b"\n")
    assert all(line.startswith(b":") for line in comments.split(b"\n\n") if line)
    assert json.loads(after) == whole


@both_apis
def test_a_stream_has_the_text_in_pieces_and_the_usage_at_its_end(api: Api) -> None:
    *events, done, end = spoilt("event_stream", api)[1].decode().split("\n\n")
    assert (done, end) == ("data: [DONE]", "")
    trees: list[dict[str, Any]] = [json.loads(event.removeprefix("data: ")) for event in events]
    choices = [tree["choices"][0] for tree in trees if tree["choices"]]
    assert "".join(choice["delta"]["content"] if api == "chat" else choice["text"] for choice in choices) == TEXT
    assert len(choices) > 3
    assert [choice["finish_reason"] for choice in choices][-2:] == [None, "stop"]
    assert [tree["usage"] for tree in trees if tree["usage"]] == [answer(api)["usage"]]


@both_apis
def test_reasoning_apart_is_in_the_total_alone(api: Api) -> None:
    usage = json.loads(spoilt("reasoned_apart", api)[1])["usage"]
    assert usage["completion_tokens"] + usage["completion_tokens_details"]["reasoning_tokens"] == 25
    assert usage["total_tokens"] == 3 + 25
    assert usage["completion_tokens"] < 25


@both_apis
def test_what_went_into_thoughts_leaves_no_text(api: Api) -> None:
    tree = json.loads(spoilt("reasoned_away", api)[1])
    choice = tree["choices"][0]
    assert not (choice["message"]["content"] if api == "chat" else choice["text"])
    assert choice["finish_reason"] == "length"
    assert tree["usage"]["completion_tokens_details"]["reasoning_tokens"] == 25


@both_apis
def test_where_nothing_was_made_nothing_is_named(api: Api) -> None:
    tree = json.loads(spoilt("nothing_made", api)[1])
    assert (tree["id"], tree["model"], set(tree["usage"].values())) == ("", "", {0})
