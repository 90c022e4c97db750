"""Replies of all shapes, for each wire: what is an answer, what is paid, what it means."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from asyncsynth.provider.answers import AnswerRules
from asyncsynth.provider.classify import About
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.wires import wire_of
from asyncsynth.values import Action, Answer, Api, Billing, Fault, RateHints, Usage
from tests.provider.scripted import answer, request

APIS: tuple[Api, ...] = ("chat", "completions")  # which share their replies' shape
ABOUT = About("https://api.example.com/v1", "m", 60.0, lambda text: text)
both_apis = pytest.mark.parametrize("api", APIS)


def parse(api: Api, tree: Any, *, keep_truncated: bool = True, headers: dict[str, str] | None = None) -> Answer | Fault:
    body = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    reply = HttpReply(200, headers or {"content-type": "application/json"}, body)
    asked = request("x" * 41, system="y" * 40)
    return wire_of(api, "m", {}).parse(reply, asked, ABOUT, time.time(), AnswerRules(keep_truncated))


def parsed_answer(api: Api, tree: Any, **more: Any) -> Answer:
    outcome = parse(api, tree, **more)
    assert isinstance(outcome, Answer), outcome
    return outcome


def parsed_fault(api: Api, tree: Any, **more: Any) -> Fault:
    outcome = parse(api, tree, **more)
    assert isinstance(outcome, Fault), outcome
    return outcome


def without(tree: dict[str, Any], name: str) -> dict[str, Any]:
    return {member: value for member, value in tree.items() if member != name}


@both_apis
def test_an_answer_has_text_reason_usage_model_and_its_body(api: Api) -> None:
    tree = answer(api, "A plot.")
    body = json.dumps(tree).encode()
    expected = Answer("A plot.", "stop", Usage(57, 212), "m-2026", body, reply_id="x")
    assert parse(api, body) == expected


@both_apis
def test_the_answers_headers_become_hints(api: Api) -> None:
    headers = {"x-ratelimit-limit-requests": "500"}
    assert parsed_answer(api, answer(api), headers=headers).hints == RateHints(limit_requests=500)


@both_apis
def test_a_missing_usage_is_estimated_and_says_so(api: Api) -> None:
    # 81 characters asked and 10 answered, 4 to a token.
    estimated = Usage(21, 3, "estimate")
    assert parsed_answer(api, without(answer(api, "0123456789"), "usage")).usage == estimated
    assert parsed_answer(api, answer(api, "0123456789", usage={"completion_tokens": 9})).usage == Usage(
        21, 9, "estimate"
    )


@both_apis
def test_an_answer_without_model_is_of_the_model_asked(api: Api) -> None:
    assert parsed_answer(api, without(answer(api), "model")).model == "m"


@both_apis
def test_an_answer_with_half_a_utf_16_pair_is_kept_and_flagged(api: Api) -> None:
    body = json.dumps(answer(api, "half \ud83d pair")).encode()
    kept = parsed_answer(api, body)
    assert (kept.text, kept.flags, kept.body) == ("half \ufffd pair", ("lone_surrogate",), body)
    assert kept.usage == Usage(57, 212)


@both_apis
def test_an_answer_with_a_huge_integer_is_kept_and_flagged(api: Api) -> None:
    kept = parsed_answer(api, answer(api, created=10**40))
    assert (kept.text, kept.flags, kept.usage) == ("A plot.", ("huge_integer",), Usage(57, 212))
    mended = parsed_answer(api, answer(api, "\ud83d", usage={"prompt_tokens": 10**40, "completion_tokens": 1}))
    assert mended.flags == ("huge_integer", "lone_surrogate")
    assert mended.usage.source == "estimate"


def test_the_text_parts_of_a_list_are_joined() -> None:
    parts = [{"type": "text", "text": "A "}, {"type": "reasoning", "summary": []}, {"type": "text", "text": "plot."}, 7]
    assert parsed_answer("chat", answer("chat", parts)).text == "A plot."


@both_apis
def test_an_answer_cut_by_max_tokens_is_kept_unless_the_recipe_says_otherwise(api: Api) -> None:
    tree = answer(api, "A plo", "length")
    assert parsed_answer(api, tree).finish_reason == "length"
    rejected = parsed_fault(api, tree, keep_truncated=False)
    assert (rejected.reason, rejected.billing, rejected.usage) == ("truncated", Billing.YES, Usage(57, 212))


def refused(api: Api) -> dict[str, Any]:
    tree = answer(api, None)
    choice = tree["choices"][0]
    (choice["message"] if api == "chat" else choice)["refusal"] = "I can't help with that."
    return tree


@both_apis
@pytest.mark.parametrize(
    ("reason", "of"),
    [
        pytest.param("content_filter", lambda api: answer(api, "A pl", "content_filter"), id="content_filter"),
        pytest.param("content_filter", lambda api: answer(api, None, "content_filter"), id="content_filter no text"),
        pytest.param("refusal", refused, id="refusal"),
        pytest.param("content_filter", lambda api: answer(api, "A pl", "SAFETY"), id="Gemini's word for it"),
        pytest.param("broken_off", lambda api: answer(api, "A pl", "abort"), id="broken off"),
        pytest.param(
            "broken_off", lambda api: answer(api, None, "insufficient_system_resource"), id="broken off, empty"
        ),
        pytest.param("refusal", lambda api: answer(api, "I can't help.", "refusal"), id="refusal as the reason"),
        pytest.param("empty_choices", lambda api: answer(api, choices=[]), id="empty_choices"),
        pytest.param("empty_choices", lambda api: without(answer(api), "choices"), id="usage without choices"),
        pytest.param("empty_choices", lambda api: answer(api, choices=None), id="usage beside null choices"),
        pytest.param("null_content", lambda api: answer(api, None), id="null_content"),
        pytest.param("null_content", lambda api: answer(api, ""), id="empty text"),
        pytest.param("null_content", lambda api: answer(api, " \n"), id="blank text"),
        pytest.param("null_content", lambda api: answer(api, None, "tool_calls"), id="tool call"),
        pytest.param("null_content", lambda api: answer(api, []), id="no parts"),
    ],
)
def test_a_paid_answer_that_is_no_record_is_dead_with_usage_and_body(api: Api, reason: str, of: Any) -> None:
    body = json.dumps(of(api)).encode()
    fault = parsed_fault(api, body)
    assert (fault.reason, fault.action, fault.billing) == (reason, Action.DEAD, Billing.YES)
    assert (fault.usage, fault.body) == (Usage(57, 212), body)


def test_a_refusal_is_quoted() -> None:
    assert parsed_fault("chat", refused("chat")).message == "the model refused: I can't help with that."


def test_an_answer_of_reasoning_alone_says_what_to_change() -> None:
    tree = answer("chat", None, "length")
    tree["choices"][0]["message"]["reasoning_content"] = "Let me think"
    fault = parsed_fault("chat", tree)
    assert fault.reason == "null_content"
    assert fault.message.endswith("it reasoned and wrote nothing: raise max_tokens")


def test_an_answer_of_reasoning_tokens_alone_says_what_to_change() -> None:
    usage = {"prompt_tokens": 40, "completion_tokens": 200, "completion_tokens_details": {"reasoning_tokens": 200}}
    fault = parsed_fault("chat", answer("chat", "", "length", usage=usage))
    assert (fault.reason, fault.usage) == ("null_content", Usage(40, 200, reasoning_tokens=200))
    assert fault.message.endswith("it reasoned and wrote nothing: raise max_tokens")


@both_apis
def test_an_answer_that_was_cut_before_it_began_says_what_to_change(api: Api) -> None:
    assert "raise max_tokens" in parsed_fault(api, answer(api, "", "MAX_TOKENS")).message


def test_reasoning_beside_an_answer_is_kept_beside_it() -> None:
    tree = answer("chat", "A plot.")
    tree["choices"][0]["message"]["reasoning_content"] = "Let me think"
    kept = parsed_answer("chat", tree)
    assert (kept.text, kept.reasoning) == ("A plot.", "Let me think")
    assert parsed_answer("chat", answer("chat")).reasoning is None


def test_thoughts_within_the_content_are_kept_beside_the_text() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "SECRET"}]},
        {"type": "text", "text": "A plot."},
    ]
    kept = parsed_answer("chat", answer("chat", parts))
    assert (kept.text, kept.reasoning) == ("A plot.", "SECRET")


@both_apis
@pytest.mark.parametrize("word", ["MAX_TOKENS", "max_tokens", "max_output_tokens", "length"])
def test_a_cut_answer_counts_as_cut_whatever_the_endpoint_calls_it(api: Api, word: str) -> None:
    tree = answer(api, "A plo", word)
    assert parsed_answer(api, tree).finish_reason == "length"
    assert parsed_fault(api, tree, keep_truncated=False).reason == "truncated"


@both_apis
@pytest.mark.parametrize(("word", "kept"), [("vibes", "vibes"), (None, "unknown"), ("", "unknown"), (7, "unknown")])
def test_an_unknown_finish_reason_is_kept_and_flagged(api: Api, word: Any, kept: str) -> None:
    found = parsed_answer(api, answer(api, "A plot.", word))
    assert (found.finish_reason, found.flags) == (kept, ("unknown_finish_reason",))


@both_apis
def test_a_text_where_the_other_api_has_it_is_read(api: Api) -> None:
    other: Api = "completions" if api == "chat" else "chat"
    assert parsed_answer(api, answer(other, "A plot.")).text == "A plot."


@both_apis
@pytest.mark.parametrize("name", ["data", "result", "response", "output"])
def test_an_answer_in_the_envelope_of_a_gateway_is_read(api: Api, name: str) -> None:
    found = parsed_answer(api, {"code": 0, "message": "ok", name: answer(api, "A plot.")})
    assert (found.text, found.usage, found.model) == ("A plot.", Usage(57, 212), "m-2026")


@both_apis
@pytest.mark.parametrize(
    "of",
    [
        pytest.param(lambda body: json.dumps({"statusCode": 200, "body": body}), id="as a text in a function's body"),
        pytest.param(json.dumps, id="as a text"),
        pytest.param(lambda body: f"[{body}]", id="in a list"),
    ],
)
def test_an_answer_that_was_wrapped_once_more_is_read(api: Api, of: Any) -> None:
    assert parsed_answer(api, of(json.dumps(answer(api, "A plot."))).encode()).text == "A plot."


@both_apis
def test_of_two_answers_in_one_reply_none_is_taken(api: Api) -> None:
    for tree in ([answer(api, "A plot."), answer(api, "B plot.")], {"data": answer(api), "result": answer(api)}):
        assert parsed_fault(api, tree).reason == "no_answer"


@both_apis
@pytest.mark.parametrize("name", ["finishReason", "stop_reason"])
def test_a_reason_under_another_name_is_read(api: Api, name: str) -> None:
    tree = answer(api, "A plo")
    del tree["choices"][0]["finish_reason"]
    tree["choices"][0][name] = "MAX_TOKENS"
    assert parsed_answer(api, tree).finish_reason == "length"


@both_apis
def test_a_usage_within_the_choice_is_read(api: Api) -> None:
    tree = without(answer(api), "usage")
    tree["choices"][0]["usage"] = {"prompt_tokens": 7, "completion_tokens": 9}
    assert parsed_answer(api, tree).usage == Usage(7, 9)


@both_apis
@pytest.mark.parametrize(
    "of",
    [
        pytest.param(lambda body: body + b"\n\ndata: [DONE]\n\n", id="a terminator behind it"),
        pytest.param(lambda body: b": WORKING\n\n: WORKING\n\n" + body, id="comments before it"),
        pytest.param(lambda body: b"\n\n\n" + body + b"\n", id="blank lines"),
        pytest.param(lambda body: b"data: " + body + b"\n\ndata: [DONE]\n\n", id="one event"),
        pytest.param(lambda body: b"event: message\r\ndata: " + body + b"\r\n\r\n", id="one event without an end"),
    ],
)
def test_an_answer_with_something_around_it_is_read(api: Api, of: Any) -> None:
    body = of(json.dumps(answer(api)).encode())
    found = parsed_answer(api, body, headers={"content-type": "text/event-stream"})
    assert (found.text, found.finish_reason, found.usage, found.body) == ("A plot.", "stop", Usage(57, 212), body)
    assert (found.flags == ()) == body.startswith(b"\n"), "what is no plain JSON is flagged"


def chunk(api: Api, text: Any = None, finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": 0, "finish_reason": finish_reason}
    choice |= {"delta": {"content": text} | more} if api == "chat" else {"text": text or ""}
    return {"id": "x", "object": "chat.completion.chunk", "model": "m-2026", "choices": [choice]}


def stream(*events: Any, end: str = "data: [DONE]\n\n") -> bytes:
    return ("".join(f"data: {json.dumps(event)}\n\n" for event in events) + end).encode()


USAGE = {"id": "x", "choices": [], "usage": {"prompt_tokens": 57, "completion_tokens": 212, "total_tokens": 269}}


@both_apis
def test_a_stream_that_nobody_asked_for_is_put_together(api: Api) -> None:
    body = stream(chunk(api, ""), chunk(api, "A "), chunk(api, "plot."), chunk(api, None, "stop"), USAGE)
    found = parsed_answer(api, body)
    assert (found.text, found.finish_reason, found.usage, found.model) == ("A plot.", "stop", Usage(57, 212), "m-2026")
    assert (found.reply_id, found.flags, found.body) == ("x", ("event_stream",), body)


@both_apis
def test_a_stream_without_its_end_mark_is_whole_where_it_says_why_it_ended(api: Api) -> None:
    assert parsed_answer(api, stream(chunk(api, "A plot."), chunk(api, "", "length"), end="")).finish_reason == "length"


@both_apis
@pytest.mark.parametrize("end", ["", 'data: {"choices": [{"te'], ids=["between events", "within an event"])
def test_a_stream_that_ends_before_its_answer_is_no_answer(api: Api, end: str) -> None:
    fault = parsed_fault(api, stream(chunk(api, "A pl"), end=end))
    assert fault.reason == ("bad_json" if end else "body_cut_off")
    assert (fault.action, fault.billing) == (Action.RETRY, Billing.MAYBE)


@both_apis
def test_a_usage_that_groq_has_in_its_own_place_is_read(api: Api) -> None:
    last = chunk(api, "", "stop") | {"x_groq": {"id": "r", "usage": USAGE["usage"]}}
    assert parsed_answer(api, stream(chunk(api, "A plot."), last)).usage == Usage(57, 212)


def test_the_thoughts_and_the_refusal_of_a_stream_are_no_text() -> None:
    events = [chunk("chat", None, reasoning_content="Let me "), chunk("chat", None, reasoning_content="think")]
    found = parsed_answer("chat", stream(*events, chunk("chat", "A plot.", "stop")))
    assert (found.text, found.reasoning) == ("A plot.", "Let me think")
    refused_in_pieces = stream(chunk("chat", None, refusal="I "), chunk("chat", None, "stop", refusal="won't."))
    assert parsed_fault("chat", refused_in_pieces).message == "the model refused: I won't."


@both_apis
def test_an_error_within_a_stream_is_that_error(api: Api) -> None:
    fault = parsed_fault(api, stream(chunk(api, "A pl"), {"error": {"message": "gone", "code": 502}}))
    assert (fault.reason, fault.billing) == ("bad_gateway", Billing.MAYBE)


@both_apis
@pytest.mark.parametrize(
    "events", [[{"type": "message_start"}, {"type": "message_stop"}], [{"n": 1}, {"n": 2}], [[1], [2]]], ids=str
)
def test_a_stream_of_something_else_is_no_answer(api: Api, events: list[Any]) -> None:
    assert parsed_fault(api, stream(*events)).reason == "bad_json"


@both_apis
def test_two_whole_answers_in_one_reply_are_none(api: Api) -> None:
    """Nobody knows which of them is this request's."""
    body = json.dumps(answer(api)).encode()
    assert parsed_fault(api, body + b"HTTP/1.1 200 OK\r\n\r\n" + body).reason == "bad_json"


ZEROS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


@both_apis
def test_an_empty_answer_that_says_it_cost_nothing_is_asked_for_again(api: Api) -> None:
    for tree in (answer(api, "", usage=ZEROS, id="", model=""), answer(api, choices=[], usage=ZEROS)):
        fault = parsed_fault(api, tree)
        assert (fault.reason, fault.action, fault.billing) == ("nothing_made", Action.RETRY, Billing.NO)
        assert fault.usage is None


@both_apis
def test_no_choices_and_no_usage_may_have_been_paid_and_is_asked_for_again(api: Api) -> None:
    fault = parsed_fault(api, without(answer(api, choices=[]), "usage"))
    assert (fault.reason, fault.action, fault.billing) == ("nothing_made", Action.RETRY, Billing.MAYBE)


@both_apis
def test_a_filtered_answer_that_says_it_cost_nothing_is_not_on_the_bill(api: Api) -> None:
    fault = parsed_fault(api, answer(api, None, "content_filter", usage=ZEROS))
    assert (fault.reason, fault.action, fault.billing, fault.usage) == ("content_filter", Action.DEAD, Billing.NO, None)


@both_apis
@pytest.mark.parametrize("body", [b"", b" \r\n"], ids=repr)
def test_an_empty_body_has_a_row_of_its_own(api: Api, body: bytes) -> None:
    assert parsed_fault(api, body).reason == "empty_body"


@both_apis
def test_an_error_that_names_tokens_was_paid(api: Api) -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 9}
    for tree in ({"error": {"message": "W"}, "usage": usage}, {"detail": "W", "usage": usage}):
        fault = parsed_fault(api, tree)
        assert (fault.reason, fault.billing, fault.usage) == ("error_in_200", Billing.YES, Usage(7, 9))


@both_apis
def test_json_that_is_no_answer_is_told_by_its_members(api: Api) -> None:
    assert "it has data, object" in parsed_fault(api, {"object": "list", "data": []}).message
    assert "endpoint.api" in parsed_fault(api, [1]).message


@both_apis
@pytest.mark.parametrize(
    "tree", [{}, [], 5, None, "text", {"choices": None}, {"choices": [5]}, {"choices": {"a": 1}}], ids=repr
)
def test_json_that_is_no_answer_may_have_been_billed(api: Api, tree: Any) -> None:
    fault = parsed_fault(api, json.dumps(tree).encode())
    assert (fault.reason, fault.action, fault.billing, fault.max_tries) == ("no_answer", Action.RETRY, Billing.MAYBE, 2)


@both_apis
@pytest.mark.parametrize("none", [None, False, "", {}], ids=repr)
def test_an_error_member_that_is_empty_is_no_error(api: Api, none: Any) -> None:
    assert parsed_answer(api, answer(api, error=none)).text == "A plot."
    tree = answer(api)
    tree["choices"][0]["error"] = none
    assert parsed_answer(api, tree).text == "A plot."


@both_apis
def test_an_error_within_a_choice_is_an_error(api: Api) -> None:
    for error in ({"message": "gone", "code": 502}, "gone"):
        tree = without(answer(api, "A pl"), "usage")
        tree["choices"][0]["error"] = error
        fault = parsed_fault(api, tree)
        assert (fault.action, fault.billing) == (Action.RETRY, Billing.MAYBE)
        assert fault.message.endswith("gone")


@both_apis
@pytest.mark.parametrize(("given", "told"), [("chatcmpl-1", "chatcmpl-1"), ("", None), (7, None), (None, None)])
def test_the_replys_own_name_is_told_whether_it_is_usable_or_not(api: Api, given: Any, told: str | None) -> None:
    assert parsed_answer(api, answer(api, id=given)).reply_id == told
    assert parsed_fault(api, answer(api, "", id=given)).reply_id == told
