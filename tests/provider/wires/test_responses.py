"""OpenAI's Responses: requests as it wants them, and what its replies mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from asyncsynth.provider.wires.responses import Responses
from asyncsynth.values import Action, Billing, Turn, Usage
from tests.provider.scripted import request
from tests.provider.wires.replies import answer_of, events, fault_of

USAGE = {
    "input_tokens": 57,
    "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 0},
    "output_tokens": 212,
    "output_tokens_details": {"reasoning_tokens": 200},
    "total_tokens": 269,
}


def message(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": parts} | more


def text(words: str) -> dict[str, Any]:
    return {"type": "output_text", "text": words, "annotations": []}


def response(*output: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "model": "m-2026",
        "output": output,
        "usage": USAGE,
    } | more


def test_a_body_has_the_system_text_as_instructions_and_wants_nothing_stored() -> None:
    wire = Responses("gpt-x", {"max_output_tokens": 300})
    assert wire.path == "/responses"
    assert json.loads(wire.body(request("hi", system="Be brief."))) == {
        "model": "gpt-x",
        "stream": False,
        "store": False,
        "max_output_tokens": 300,
        "instructions": "Be brief.",
        "input": "hi",
    }
    assert "instructions" not in json.loads(wire.body(request("hi")))


def test_what_is_to_be_stored_can_be_said() -> None:
    assert json.loads(Responses("m", {"store": True}).body(request()))["store"] is True


def test_a_dialogue_is_a_list_of_input() -> None:
    asked = replace(request(), turns=(Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c")))
    assert json.loads(Responses("m", {}).body(asked))["input"] == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]


def test_an_answer_has_the_text_of_its_messages_and_the_thoughts_beside_it() -> None:
    thoughts = {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "Hm."}],
                "content": [{"type": "reasoning_text", "text": "So."}]}  # fmt: skip
    on_the_way = message(text("Let me see."), phase="commentary")
    answer = answer_of("responses", response(thoughts, on_the_way, message(text("A "), text("plot."))))
    assert (answer.text, answer.reasoning) == ("A plot.", "Hm.\nSo.\nLet me see.")
    assert (answer.finish_reason, answer.model, answer.reply_id) == ("stop", "m-2026", "resp_1")
    assert answer.usage == Usage(57, 212, "endpoint", cached_tokens=40, reasoning_tokens=200)


def test_an_answer_cut_at_its_most_tokens_is_one_of_length() -> None:
    tree = response(message(text("A")), status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    assert answer_of("responses", tree).finish_reason == "length"


@pytest.mark.parametrize(
    ("output", "more", "reason", "words"),
    [
        ([message({"type": "refusal", "refusal": "I can't."})], {}, "refusal", "I can't."),
        ([], {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content_filter", ""),
        ([message(text("A"))], {"status": "cancelled"}, "broken_off", "cancelled"),
        ([], {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "empty_choices", ""),
        ([{"type": "function_call", "name": "f", "arguments": "{}"}], {}, "null_content", ""),
    ],
)
def test_what_is_paid_and_no_answer_is_dead(output: list[Any], more: dict[str, Any], reason: str, words: str) -> None:
    fault = fault_of("responses", response(*output, **more))
    assert (fault.reason, fault.action, fault.billing) == (reason, Action.DEAD, Billing.YES)
    assert words in fault.message


@pytest.mark.parametrize(
    ("code", "reason", "action", "billing"),
    [
        ("server_error", "server_error", Action.RETRY, Billing.NO),
        ("rate_limit_exceeded", "rate_limited", Action.PAUSE, Billing.NO),
        ("invalid_prompt", "prompt_filtered", Action.DEAD, Billing.MAYBE),
        ("bio_policy", "prompt_filtered", Action.DEAD, Billing.MAYBE),
        ("data_residency_mismatch", "forbidden", Action.STOP, Billing.NO),
        ("something_new", "error_in_200", Action.RETRY, Billing.MAYBE),
    ],
)
def test_a_failure_with_status_200_goes_by_its_code(code: str, reason: str, action: Action, billing: Billing) -> None:
    tree = response(status="failed", error={"code": code, "message": "Words."}, usage=None)
    fault = fault_of("responses", tree)
    assert (fault.reason, fault.action, fault.billing) == (reason, action, billing)
    assert fault.message.endswith("Words.")


def test_a_failure_that_says_nothing_is_asked_again() -> None:
    fault = fault_of("responses", response(status="failed", usage=None))
    assert (fault.reason, fault.action) == ("error_in_200", Action.RETRY)


def test_a_failure_with_tokens_to_pay_is_paid() -> None:
    fault = fault_of("responses", response(status="failed", error={"code": "server_error", "message": ""}))
    assert (fault.billing, fault.usage and fault.usage.completion_tokens) == (Billing.YES, 212)


def test_the_reply_of_another_api_is_none() -> None:
    fault = fault_of("responses", {"id": "x", "choices": []})
    assert fault.reason == "no_answer"
    assert "endpoint.api" in fault.message


def test_a_stream_that_nobody_asked_for_is_read_by_its_last_event() -> None:
    started = {"type": "response.created", "response": response(status="in_progress", usage=None)}
    ended = {"type": "response.completed", "response": response(message(text("A plot.")))}
    answer = answer_of("responses", events(started, {"type": "response.output_text.delta", "delta": "A"}, ended))
    assert (answer.text, answer.flags) == ("A plot.", ("event_stream",))
