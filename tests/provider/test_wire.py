from __future__ import annotations

import json
import time
from typing import Any, get_args

import pytest

from asyncsynth.provider.classify import About
from asyncsynth.provider.wire import Wire
from asyncsynth.values import Action, Answer, Api, Billing, Fault, RateHints, Usage
from tests.provider.scripted import answer, request

APIS: tuple[Api, ...] = get_args(Api)
ABOUT = About("https://api.example.com/v1", "m", 60.0, lambda text: text)
both_apis = pytest.mark.parametrize("api", APIS)


def parse(api: Api, tree: Any, *, keep_truncated: bool = True, headers: dict[str, str] | None = None) -> Answer | Fault:
    body = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return Wire(api, "m", {}).parse(
        200,
        headers or {"content-type": "application/json"},
        body,
        request=request("x" * 41, system="y" * 40),
        about=ABOUT,
        now=time.time(),
        keep_truncated=keep_truncated,
    )


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


def test_a_chat_body_holds_model_parameters_and_messages() -> None:
    wire = Wire("chat", "gpt-x", {"temperature": 1.0, "stop": ["END"]})
    asked = request('Say "hi"\n☃', system="Be brief.")
    assert wire.path == "/chat/completions"
    assert json.loads(wire.body(asked)) == {
        "model": "gpt-x",
        "temperature": 1.0,
        "stop": ["END"],
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": 'Say "hi"\n☃'}],
    }


def test_a_chat_body_without_system_text_has_one_message() -> None:
    assert json.loads(Wire("chat", "m", {}).body(request("hi")))["messages"] == [{"role": "user", "content": "hi"}]


def test_a_completions_body_puts_the_system_text_above_the_request() -> None:
    wire = Wire("completions", "m", {"max_tokens": 5})
    assert wire.path == "/completions"
    assert json.loads(wire.body(request("hi"))) == {"model": "m", "max_tokens": 5, "prompt": "hi"}
    assert json.loads(wire.body(request("hi", system="Be brief.")))["prompt"] == "Be brief.\n\nhi"


def test_parameters_beyond_64_bits_are_sent_as_they_stand() -> None:
    assert json.loads(Wire("chat", "m", {"seed": 2**70}).body(request("hi")))["seed"] == 2**70


def test_a_request_with_half_a_utf_16_pair_is_sent_as_json() -> None:
    body = Wire("chat", "m", {}).body(request("half \ud83d pair"))
    assert json.loads(body)["messages"][0]["content"] == "half \ud83d pair"


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
@pytest.mark.parametrize(
    "usage",
    [
        pytest.param({"prompt_tokens": 7, "completion_tokens": 9}, id="OpenAI"),
        pytest.param({"input_tokens": 7, "output_tokens": 9}, id="Anthropic"),
        pytest.param({"prompt_tokens": 7.0, "completion_tokens": 9.0}, id="as floats"),
    ],
)
def test_both_shapes_of_usage_are_read(api: Api, usage: dict[str, Any]) -> None:
    assert parsed_answer(api, answer(api, usage=usage)).usage == Usage(7, 9)


@both_apis
@pytest.mark.parametrize(
    "usage",
    [
        None, {}, [], 5, {"prompt_tokens": 7}, {"prompt_tokens": -1, "completion_tokens": 9},
        {"prompt_tokens": None, "completion_tokens": None}, {"prompt_tokens": True, "completion_tokens": 9},
        {"prompt_tokens": 10**12, "completion_tokens": 9}, {"prompt_tokens": "7", "completion_tokens": "9"},
    ],
    ids=repr,
)  # fmt: skip
def test_a_missing_or_absurd_usage_is_estimated_and_says_so(api: Api, usage: Any) -> None:
    # 81 characters asked and 10 answered, 4 to a token.
    assert parsed_answer(api, answer(api, "0123456789", usage=usage)).usage == Usage(21, 3, "estimate")
    assert parsed_answer(api, without(answer(api, "0123456789"), "usage")).usage.source == "estimate"


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
        pytest.param("empty_choices", lambda api: answer(api, choices=[]), id="empty_choices"),
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
    assert "max_tokens" in fault.message


def test_reasoning_beside_an_answer_is_ignored() -> None:
    tree = answer("chat", "A plot.")
    tree["choices"][0]["message"]["reasoning_content"] = "Let me think"
    assert parsed_answer("chat", tree).text == "A plot."


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


@both_apis
@pytest.mark.parametrize(("given", "told"), [("chatcmpl-1", "chatcmpl-1"), ("", None), (7, None), (None, None)])
def test_the_replys_own_name_is_told_whether_it_is_usable_or_not(api: Api, given: Any, told: str | None) -> None:
    assert parsed_answer(api, answer(api, id=given)).reply_id == told
    assert parsed_fault(api, answer(api, "", id=given)).reply_id == told
