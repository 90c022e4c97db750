"""Anthropic's Messages: requests as it wants them, and what its replies mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from asyncsynth.provider.wires.anthropic import Messages
from asyncsynth.values import Action, Billing, RateHints, Turn, Usage
from tests.provider.scripted import request
from tests.provider.wires.replies import answer_of, events, fault_of

NOW = 1_795_342_051.0  # 2026-11-22T10:07:31Z


def message(*content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m-2026",
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 57, "output_tokens": 212},
    } | more


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words, "citations": None}


def error(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": "Words.", **more}, "request_id": "req_1"}


def test_a_body_has_the_system_text_apart() -> None:
    wire = Messages("claude", {"max_tokens": 300})
    assert (wire.path, wire.headers) == ("/messages", {"anthropic-version": "2023-06-01"})
    assert json.loads(wire.body(request("hi", system="Be brief."))) == {
        "model": "claude",
        "stream": False,
        "max_tokens": 300,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "hi"}],
    }
    assert "system" not in json.loads(wire.body(request("hi")))


def test_what_is_to_be_cached_ends_with_the_system_text() -> None:
    wire = Messages("claude", {"max_tokens": 300, "cache_control": {"type": "ephemeral", "ttl": "1h"}})
    body = json.loads(wire.body(request("hi", system="Be brief.")))
    assert body["system"] == [
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
    ]
    assert "cache_control" not in body
    assert json.loads(wire.body(request("hi")))["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_a_dialogue_may_end_with_the_beginning_of_the_answer() -> None:
    asked = replace(request(), turns=(Turn("user", "a"), Turn("assistant", "b")))
    said = json.loads(Messages("m", {}).body(asked))["messages"]
    assert said == [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]


def test_an_answer_has_the_text_of_its_blocks_and_the_thoughts_beside_it() -> None:
    thoughts = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    hidden = {"type": "redacted_thinking", "data": "ZGF0YQ=="}
    answer = answer_of("anthropic", message(thoughts, hidden, text("A "), text("plot.")))
    assert (answer.text, answer.reasoning) == ("A plot.", "Hm.")
    assert (answer.finish_reason, answer.model, answer.reply_id) == ("stop", "m-2026", "msg_1")
    assert answer.usage == Usage(57, 212)


def test_what_a_cache_holds_is_counted_beside_the_input_and_is_a_part_of_the_prompt() -> None:
    usage = {
        "input_tokens": 7,
        "cache_creation_input_tokens": 100,
        "cache_read_input_tokens": 1000,
        "output_tokens": 90,
        "output_tokens_details": {"thinking_tokens": 60},
    }
    answer = answer_of("anthropic", message(text("A"), usage=usage))
    expected = Usage(1107, 90, "endpoint", cached_tokens=1000, cache_write_tokens=100, reasoning_tokens=60)
    assert answer.usage == expected


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_use"),
    ],
)
def test_the_ends_of_an_answer(word: str, name: str) -> None:
    assert answer_of("anthropic", message(text("A"), stop_reason=word)).finish_reason == name


def test_a_refusal_says_why() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "It could do harm."}
    fault = fault_of("anthropic", message(stop_reason="refusal", stop_details=details))
    assert (fault.reason, fault.action, fault.billing) == ("refusal", Action.DEAD, Billing.YES)
    assert fault.message.endswith(": It could do harm.")


def test_a_turn_that_was_paused_is_a_piece_of_an_answer() -> None:
    fault = fault_of("anthropic", message(text("A"), stop_reason="pause_turn"))
    assert (fault.reason, fault.billing) == ("broken_off", Billing.YES)


@pytest.mark.parametrize(
    ("status", "tree", "reason", "action"),
    [
        (400, error("invalid_request_error"), "bad_request", Action.DEAD),
        (401, error("authentication_error"), "bad_key", Action.STOP),
        (402, error("billing_error"), "no_credit", Action.STOP),
        (403, error("permission_error"), "forbidden", Action.STOP),
        (404, error("not_found_error"), "no_model", Action.STOP),
        (413, error("request_too_large"), "too_large", Action.DEAD),
        (429, error("rate_limit_error"), "rate_limited", Action.PAUSE),
        (429, error("rate_limit_error", details={"error_code": "enforced_spend_limit_reached"}),
         "no_credit", Action.STOP),
        (429, error("rate_limit_error", details={"error_code": "linked_organization_spend_limit_reached"}),
         "no_credit", Action.STOP),
        (429, error("rate_limit_error", details={"error_code": "ramp_limit_exceeded"}), "rate_limited", Action.PAUSE),
        (403, error("permission_error", details={"error_code": "organization_on_hold"}), "forbidden", Action.STOP),
        (500, error("api_error"), "server_error", Action.RETRY),
        (504, error("timeout_error"), "gateway_timeout", Action.RETRY),
        (529, error("overloaded_error"), "overloaded", Action.RETRY),
        (200, error("overloaded_error"), "overloaded", Action.RETRY),
    ],
)  # fmt: skip
def test_an_error_goes_by_its_type_and_its_details(status: int, tree: Any, reason: str, action: Action) -> None:
    fault = fault_of("anthropic", tree, status=status)
    assert (fault.reason, fault.action) == (reason, action)
    assert "Words." in fault.message


def test_of_limits_that_are_used_up_the_longest_reset_is_waited_for() -> None:
    """Only where there is no retry-after; the limits of input and output are apart, and so are their resets."""
    headers = {
        "anthropic-ratelimit-input-tokens-remaining": "1000",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-22T10:09:31Z",
        "anthropic-ratelimit-output-tokens-limit": "8000",
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-22T10:07:51Z",
    }
    fault = fault_of("anthropic", error("rate_limit_error"), status=429, headers=headers, now=NOW)
    assert fault.retry_after_s == 20.0
    assert fault.hints == RateHints(limit_tokens=8000, remaining_tokens=0)
    told = fault_of("anthropic", error("rate_limit_error"), status=429, headers={**headers, "retry-after": "7"})
    assert told.retry_after_s == 7.0


def test_the_reply_of_another_api_is_none() -> None:
    assert fault_of("anthropic", {"id": "x", "choices": []}).reason == "no_answer"


def test_a_stream_that_nobody_asked_for_is_put_together() -> None:
    started = {**message(stop_reason=None), "content": [], "usage": {"input_tokens": 57, "output_tokens": 1}}
    answer = answer_of(
        "anthropic",
        events(
            {"type": "message_start", "message": started},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm."}},
            {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
            {"type": "ping"},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "A "}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "plot."}},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 212}},
            {"type": "message_stop"},
        ),
    )
    assert (answer.text, answer.reasoning, answer.finish_reason) == ("A plot.", "Hm.", "stop")
    assert (answer.usage, answer.flags) == (Usage(57, 212), ("event_stream",))


def test_an_error_within_a_stream_is_that_error() -> None:
    fault = fault_of("anthropic", events({"type": "message_start", "message": message()}, error("overloaded_error")))
    assert fault.reason == "overloaded"


def test_a_stream_that_ends_too_early_was_cut_off() -> None:
    started = message(stop_reason=None)
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "A"}}
    assert fault_of("anthropic", events({"type": "message_start", "message": started}, delta)).reason == "body_cut_off"
