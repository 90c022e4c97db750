"""Google's generateContent: requests as it wants them, and what its replies mean."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from asyncsynth.provider.wires.gemini import GenerateContent
from asyncsynth.values import Action, Billing, Turn, Usage
from tests.provider.scripted import request
from tests.provider.wires.replies import answer_of, events, fault_of

USAGE = {
    "promptTokenCount": 57,
    "candidatesTokenCount": 12,
    "thoughtsTokenCount": 200,
    "cachedContentTokenCount": 40,
    "totalTokenCount": 269,
}
COUNTED = Usage(57, 212, "endpoint", cached_tokens=40, reasoning_tokens=200)


def candidate(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"content": {"parts": parts, "role": "model"}, "finishReason": "STOP", "index": 0} | more


def reply(*candidates: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"candidates": candidates, "usageMetadata": USAGE, "modelVersion": "m-2026", "responseId": "r1"} | more


def error(code: int, status: str, *details: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": code, "message": "Words.", "status": status, "details": details}}


def test_a_body_has_the_system_text_apart_and_the_model_in_its_path() -> None:
    wire = GenerateContent("gemini-flash", {"temperature": 1.0, "maxOutputTokens": 300})
    assert wire.path == "/models/gemini-flash:generateContent"
    assert json.loads(wire.body(request("hi", system="Be brief."))) == {
        "generationConfig": {"temperature": 1.0, "maxOutputTokens": 300},
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
    }
    assert "systemInstruction" not in json.loads(wire.body(request("hi")))


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("models/gemini-flash", "/models/gemini-flash:generateContent"),
        ("tunedModels/mine", "/tunedModels/mine:generateContent"),
        ("simulated:gemini", "/models/simulated%3Agemini:generateContent"),
    ],
)
def test_a_model_may_have_its_collection(model: str, path: str) -> None:
    assert GenerateContent(model, {}).path == path


def test_parameters_stand_in_the_generation_config_unless_they_are_the_requests_own() -> None:
    parameters = {
        "temperature": 1,
        "generationConfig": {"topK": 5, "temperature": 2},
        "safetySettings": [{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"}],
        "service_tier": "flex",
    }
    body = json.loads(GenerateContent("m", parameters).body(request()))
    assert body["generationConfig"] == {"topK": 5, "temperature": 1}
    assert (body["safetySettings"], body["service_tier"]) == (parameters["safetySettings"], "flex")


def test_the_assistant_of_a_dialogue_is_the_model() -> None:
    asked = replace(request(), turns=(Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c")))
    said = json.loads(GenerateContent("m", {}).body(asked))["contents"]
    assert [(turn["role"], turn["parts"]) for turn in said] == [
        ("user", [{"text": "a"}]),
        ("model", [{"text": "b"}]),
        ("user", [{"text": "c"}]),
    ]


def test_an_answer_has_the_text_of_its_parts_and_the_thoughts_beside_it() -> None:
    parts: list[dict[str, Any]] = [
        {"text": "Hm.", "thought": True},
        {"text": "A "},
        {"text": "plot.", "thoughtSignature": "c2ln"},
    ]
    answer = answer_of("gemini", reply(candidate(*parts)))
    assert (answer.text, answer.reasoning) == ("A plot.", "Hm.")
    assert (answer.finish_reason, answer.model, answer.reply_id) == ("stop", "m-2026", "r1")
    assert answer.usage == COUNTED


def test_an_answer_cut_at_its_most_tokens_is_one_of_length() -> None:
    assert answer_of("gemini", reply(candidate({"text": "A"}, finishReason="MAX_TOKENS"))).finish_reason == "length"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("BLOCKLIST", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("SPII", "content_filter"),
        ("LANGUAGE", "content_filter"),
        ("MODEL_ARMOR", "content_filter"),
        ("OTHER", "broken_off"),
        ("MALFORMED_RESPONSE", "broken_off"),
    ],
)
@pytest.mark.parametrize("parts", [[], [{"text": "A"}]], ids=["empty", "a piece"])
def test_an_end_that_makes_no_answer_is_paid_and_dead(word: str, reason: str, parts: list[Any]) -> None:
    fault = fault_of("gemini", reply(candidate(*parts, finishReason=word)))
    assert (fault.reason, fault.action, fault.billing) == (reason, Action.DEAD, Billing.YES)
    assert word in fault.message
    assert fault.usage == COUNTED


def test_thoughts_that_took_all_the_tokens_say_what_to_change() -> None:
    fault = fault_of("gemini", reply({"finishReason": "MAX_TOKENS", "content": {"role": "model"}}))
    assert fault.reason == "null_content"
    assert fault.message.endswith("it reasoned and wrote nothing: raise max_tokens")


def test_a_prompt_that_is_blocked_is_dead_and_its_tokens_are_paid() -> None:
    tree = {
        "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "usageMetadata": {"promptTokenCount": 57, "totalTokenCount": 57},
    }
    fault = fault_of("gemini", tree)
    assert (fault.reason, fault.action, fault.billing) == ("prompt_filtered", Action.DEAD, Billing.YES)
    assert fault.message.endswith(": PROHIBITED_CONTENT")
    assert fault.usage == Usage(57, 0)
    untold = fault_of("gemini", {"promptFeedback": {"blockReason": "SAFETY"}})
    assert (untold.reason, untold.billing) == ("prompt_filtered", Billing.MAYBE)


QUOTA_BY_DAY = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "50"}],
}
QUOTA_BY_MINUTE = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}],
}
RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "45.8s"}
BAD_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "x"}


@pytest.mark.parametrize("as_list", [False, True], ids=["alone", "in a list"])
@pytest.mark.parametrize(
    ("status", "tree", "reason", "action", "wait"),
    [
        (429, error(429, "RESOURCE_EXHAUSTED", QUOTA_BY_MINUTE, RETRY), "rate_limited", Action.PAUSE, 45.8),
        (429, error(429, "RESOURCE_EXHAUSTED", QUOTA_BY_DAY, RETRY), "quota_used_up", Action.STOP, None),
        (400, error(400, "INVALID_ARGUMENT"), "bad_request", Action.DEAD, None),
        (400, error(400, "INVALID_ARGUMENT", BAD_KEY), "bad_key", Action.STOP, None),
        (400, error(400, "FAILED_PRECONDITION"), "forbidden", Action.STOP, None),
        (403, error(403, "PERMISSION_DENIED"), "forbidden", Action.STOP, None),
        (404, error(404, "NOT_FOUND"), "no_model", Action.STOP, None),
        (500, error(500, "INTERNAL"), "server_error", Action.RETRY, None),
        (503, error(503, "UNAVAILABLE"), "overloaded", Action.RETRY, None),
        (504, error(504, "DEADLINE_EXCEEDED"), "gateway_timeout", Action.RETRY, None),
        (200, error(503, "UNAVAILABLE"), "overloaded", Action.RETRY, None),
    ],
)
def test_an_error_goes_by_its_status_and_its_details(
    as_list: bool, status: int, tree: Any, reason: str, action: Action, wait: float | None
) -> None:
    fault = fault_of("gemini", [tree] if as_list else tree, status=status)
    assert (fault.reason, fault.action, fault.retry_after_s) == (reason, action, wait)
    assert "Words." in fault.message


def test_no_candidates_and_tokens_to_pay_are_paid() -> None:
    fault = fault_of("gemini", reply())
    assert (fault.reason, fault.billing, fault.usage) == ("empty_choices", Billing.YES, COUNTED)


def test_the_reply_of_another_api_is_none() -> None:
    assert fault_of("gemini", {"id": "x", "choices": []}).reason == "no_answer"


def test_a_stream_that_nobody_asked_for_is_put_together() -> None:
    pieces = [candidate({"text": piece}, finishReason=end) for piece, end in (("A ", None), ("plot.", "STOP"))]
    answer = answer_of("gemini", events(*(reply(piece) for piece in pieces)))
    assert (answer.text, answer.finish_reason, answer.usage) == ("A plot.", "stop", COUNTED)
