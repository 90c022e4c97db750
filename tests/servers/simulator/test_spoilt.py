from __future__ import annotations

import gzip
import json
from typing import Any

import orjson
import pytest

from asyncsynth.servers.simulator.faults import FAULTS, Effect, FaultKind
from asyncsynth.servers.simulator.replies import Written, answer
from asyncsynth.servers.simulator.spoilt import BOMB_BYTES, reply
from asyncsynth.values import Api

APIS: tuple[Api, Api] = ("chat", "completions")


def written(api: Api) -> Written:
    return Written(api, "x-1", 5, "m", 3, "[simulated] A text.", 5, "stop")


def spoilt(kind: str, api: Api = "chat") -> tuple[dict[str, str], bytes]:
    headers, body = reply(FaultKind(kind), written(api), 0.5)
    return dict(headers), body


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
    assert error.get("type") or error["status"]


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
        assert json.loads(body)["created"] > 2**64


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("kind", ["slow", "truncated", "length"])
def test_kinds_that_leave_the_body_alone(kind: str, api: Api) -> None:
    assert orjson.loads(spoilt(kind, api)[1]) == answer(written(api))


def test_the_error_in_200_carries_the_status_that_should_have_been() -> None:
    assert orjson.loads(spoilt("error_in_200")[1])["error"]["code"] == 502


def test_the_bomb_is_small_on_the_wire_and_huge_unpacked() -> None:
    headers, body = spoilt("compressed_bomb")
    assert headers["content-encoding"] == "gzip"
    assert len(body) < BOMB_BYTES / 500
    assert len(gzip.decompress(body)) == BOMB_BYTES
