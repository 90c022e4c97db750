from __future__ import annotations

import math

import orjson

from asyncsynth.servers.simulator.dialects import DIALECTS
from asyncsynth.servers.simulator.dialects.dialect import Invalid
from asyncsynth.servers.simulator.limits import Refusal
from asyncsynth.servers.simulator.replies import invalid, models, refused, written_for
from asyncsynth.servers.simulator.requests import Asked
from asyncsynth.servers.simulator.written import Written

ASKED = Asked("m", "hi", b"", prompt_tokens=1, max_tokens=4)
USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}


def test_chat_answer_has_openais_shape() -> None:
    assert DIALECTS["chat"].answer(Written("chat", "chatcmpl-1", 9, "m", 3, "text", 5, "stop")) == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 9,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "text", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": USAGE,
    }


def test_completion_answer_has_openais_shape() -> None:
    assert DIALECTS["completions"].answer(Written("completions", "cmpl-1", 9, "m", 3, "text", 5, "length")) == {
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 9,
        "model": "m",
        "choices": [{"text": "text", "index": 0, "logprobs": None, "finish_reason": "length"}],
        "usage": USAGE,
    }


def test_text_over_max_tokens_is_cut_and_says_length() -> None:
    cut = written_for(ASKED, "chat", "1", 0, "0123456789abcdef!")
    assert (cut.text, cut.completion_tokens, cut.finish_reason) == ("0123456789abcdef", 4, "length")
    whole = written_for(ASKED, "chat", "1", 0, "0123456789abcdef")
    assert (whole.text, whole.completion_tokens, whole.finish_reason) == ("0123456789abcdef", 4, "stop")


def test_refusal_is_worded_like_openais() -> None:
    headers, body = refused(Refusal("tokens", 100, 90, 20, 1.25), "m", "chat")
    assert dict(headers) == {"retry-after": "2", "retry-after-ms": "1250"}
    assert orjson.loads(body) == {
        "error": {
            "message": "Rate limit reached for m on tokens per min (TPM): Limit 100, Used 90, Requested 20."
            " Please try again in 1.25s.",
            "type": "tokens",
            "param": None,
            "code": "rate_limit_exceeded",
        }
    }


def test_a_call_over_the_whole_limit_is_told_that_it_can_never_pass() -> None:
    assert b"Request too large" in refused(Refusal("tokens", 100, 0, 101, math.inf), "m", "chat")[1]


def test_invalid_request_names_its_parameter() -> None:
    error = orjson.loads(invalid(Invalid("why", "model", "c"), "chat"))["error"]
    assert error == {"message": "why", "type": "invalid_request_error", "param": "model", "code": "c"}


def test_models_are_a_list() -> None:
    tree = orjson.loads(models(("a", "b"), 3))
    assert tree["object"] == "list"
    assert [(one["id"], one["object"], one["created"]) for one in tree["data"]] == [
        ("a", "model", 3),
        ("b", "model", 3),
    ]
