"""The fault table row by row, by the replies of the providers; the same on real sockets is in test_endpoint.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asyncsynth.provider.api_key import ApiKey
from asyncsynth.provider.classify import MAX_DETAIL, About, fault_of, fault_of_reply, row_for
from asyncsynth.provider.codes import STATUS_OF
from asyncsynth.provider.error_bodies import ErrorBody, error_in_success, error_instead, error_of
from asyncsynth.provider.faults import ROW_OF, ROWS
from asyncsynth.values import Action, Billing, Fault, Usage
from tests.provider.scripted import CANARY

NOW = 1_795_342_051.0
ABOUT = About("https://api.example.com/v1", "gpt-x", 60.0, ApiKey(CANARY).scrub)


def openai(code: str | int | None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": "Words.", "type": kind, "param": None, "code": code}}


def anthropic(kind: str, error_code: str | None = None) -> dict[str, Any]:
    details = {} if error_code is None else {"details": {"error_code": error_code}}
    return {"type": "error", "error": {"type": kind, "message": "Words."} | details, "request_id": "r"}


def azure(code: str, inner: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": "Words."}
    return {"error": error | ({"innererror": {"code": inner}} if inner else {})}


def openrouter(code: int, **metadata: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "Words."} | ({"metadata": metadata} if metadata else {})}


def vllm(code: int, kind: str) -> dict[str, Any]:
    return {"object": "error", "message": "Words.", "type": kind, "param": None, "code": code}


def google(code: int, status: str, *details: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"error": {"code": code, "message": "Words.", "status": status, "details": list(details)}}]


def error_info(reason: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}


def quota_failure(*quota_ids: str) -> dict[str, Any]:
    violations = [{"quotaMetric": "m", "quotaId": quota_id, "quotaValue": "50"} for quota_id in quota_ids]
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations}


def retry_info(delay: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


def minimax(code: int) -> dict[str, Any]:
    return {"choices": None, "base_resp": {"status_code": code, "status_msg": "Words."}}


def vertex(quota_limit: str) -> dict[str, Any]:
    return error_info("RATE_LIMIT_EXCEEDED") | {"metadata": {"quota_limit": quota_limit, "service": "x"}}


BY_MINUTE = quota_failure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier")
BY_DAY = quota_failure("GenerateContentInputTokensPerModelPerMinute", "GenerateRequestsPerDayPerProjectPerModel")


SHAPES: list[tuple[str, int, Any, str]] = [
    ("no_credit", 429, openai("insufficient_quota", "insufficient_quota"), "OpenAI"),
    ("no_credit", 429, openai(None, "insufficient_quota"), "OpenAI by type alone"),
    ("no_credit", 429, openai("credit_balance_exhausted"), "credit balance"),
    ("no_credit", 429, openai("project_spend_limit_exceeded"), "spend limit of a project"),
    ("no_credit", 429, openai("org_spend_limit_exceeded", "requests"), "spend limit of an organisation"),
    ("no_credit", 429, openai("organization_usage_limit_exceeded", "insufficient_quota"), "usage limit"),
    ("no_credit", 429, anthropic("rate_limit_error", "enforced_spend_limit_reached"), "Anthropic's monthly limit"),
    ("no_credit", 429, anthropic("rate_limit_error", "contract_spend_limit_reached"), "Anthropic's contract"),
    ("no_credit", 429, anthropic("rate_limit_error", "linked_organization_spend_limit_reached"), "Anthropic, linked"),
    ("no_credit", 429, [anthropic("rate_limit_error", "workspace_spend_limit_reached")], "in a list"),
    ("no_credit", 429, {"error": {"message": "W", "type": "exceeded_current_quota_error"}}, "Moonshot"),
    (
        "no_credit",
        429,
        {"error": {"message": "W", "type": "insufficient_balance_error", "http_code": "429"}},
        "MiniMax",
    ),
    ("no_credit", 200, minimax(1008), "MiniMax in a 200"),
    ("no_credit", 429, {"error": {"code": "1113", "message": "W"}}, "Zhipu"),
    ("no_credit", 200, {"code": 1113, "message": "W", "success": False}, "Zhipu's own envelope in a 200"),
    ("no_credit", 400, {"error": {"code": "Arrearage", "type": "Arrearage", "message": "W"}}, "Alibaba"),
    ("no_credit", 400, {"code": "Arrearage", "message": "W", "request_id": "r"}, "Alibaba's own envelope"),
    ("no_credit", 429, openai("PrepaidBillOverdue"), "Alibaba, a bill"),
    ("no_credit", 403, openai("AccountOverdueError", "Forbidden"), "Volcengine"),
    ("no_credit", 400, openai("blocked_api_access"), "Groq"),
    ("no_credit", 400, openai("400", "budget_exceeded"), "LiteLLM"),
    ("no_credit", 429, openai("429", "budget_exceeded"), "LiteLLM with a 429"),
    ("no_credit", 500, {"detail": {"error": {"type": "budget_exceeded", "message": "W"}}}, "a proxy before it"),
    ("no_credit", 403, openai("insufficient_user_quota", "new_api_error"), "One API"),
    ("no_credit", 500, openai("insufficient_balance"), "with a 500"),
    ("no_credit", 400, openrouter(402), "with a 402 inside"),
    ("no_credit", 403, google(403, "PERMISSION_DENIED", error_info("BILLING_DISABLED")), "Google"),
    ("quota_used_up", 429, google(429, "RESOURCE_EXHAUSTED", BY_DAY, retry_info("38s")), "Google's quota by the day"),
    (
        "quota_used_up",
        429,
        {"error": {"code": 429, "errors": [{"reason": "dailyLimitExceeded"}]}},
        "Google's old shape",
    ),
    ("quota_used_up", 429, google(429, "RESOURCE_EXHAUSTED", vertex("RequestsPerDayPerProject")), "Vertex, by the day"),
    ("rate_limited", 429, google(429, "RESOURCE_EXHAUSTED", vertex("RequestsPerMinute")), "Vertex, by the minute"),
    ("no_credit", 400, openai("SpendingLimitReached"), "another spelling"),
    ("no_credit", 403, openai(None, "insufficient_credit_error"), "another spelling in the type"),
    ("no_credit", 200, {"error": {"status": "INSUFFICIENT_FUNDS"}}, "another spelling in the status"),
    ("no_credit", 402, openrouter(402), "OpenRouter"),
    ("no_credit", 402, {"detail": "Payment required"}, "plain"),
    ("no_credit", 400, anthropic("billing_error"), "Anthropic"),
    ("no_credit", 200, openrouter(402), "OpenRouter in a 200"),
    ("no_capacity", 429, openai("resource_unavailable"), "OpenAI's flex"),
    ("bad_key", 401, openai("invalid_api_key"), "OpenAI"),
    ("bad_key", 401, anthropic("authentication_error"), "Anthropic"),
    ("bad_key", 401, {"statusCode": 401, "message": "Access denied"}, "Azure's gateway"),
    ("bad_key", 401, {"detail": "Not authenticated"}, "FastAPI"),
    ("bad_key", 400, google(400, "INVALID_ARGUMENT", error_info("API_KEY_INVALID")), "Google"),
    ("proxy_login", 407, {}, "a proxy"),
    ("moderated", 403, openrouter(403, reasons=["violence"], flagged_input="..."), "OpenRouter"),
    ("forbidden", 403, openai("unsupported_country_region_territory", "request_forbidden"), "OpenAI"),
    ("forbidden", 403, anthropic("permission_error"), "Anthropic"),
    ("forbidden", 403, openrouter(403), "OpenRouter"),
    ("forbidden", 451, {}, "for legal reasons"),
    ("forbidden", 412, {"error": {"code": "PRECONDITION_FAILED", "message": "suspended"}}, "Fireworks, suspended"),
    ("forbidden", 412, {}, "412 without a body"),
    ("forbidden", 400, google(400, "FAILED_PRECONDITION"), "Google, where billing is off"),
    ("no_model", 404, openai("model_not_found"), "OpenAI"),
    ("no_model", 404, anthropic("not_found_error"), "Anthropic"),
    ("no_model", 404, azure("DeploymentNotFound"), "Azure"),
    ("no_model", 404, vllm(404, "NotFoundError"), "vLLM"),
    ("no_model", 400, {"object": "error", "type": "invalid_model", "code": "1500", "message": "W"}, "Mistral"),
    ("no_model", 503, openai("model_not_found"), "a gateway without a channel"),
    ("no_model", 200, anthropic("not_found_error"), "by type in a 200"),
    ("no_model", 404, {"detail": "Not Found"}, "a wrong route"),
    ("no_model", 405, {}, "a wrong method"),
    ("redirect", 301, {}, "301"),
    ("redirect", 307, {}, "307"),
    ("redirect", 308, {}, "308"),
    ("rate_limited", 429, openai("rate_limit_exceeded", "requests"), "OpenAI"),
    ("rate_limited", 429, anthropic("rate_limit_error"), "Anthropic"),
    ("rate_limited", 429, azure("429"), "Azure"),
    ("rate_limited", 429, google(429, "RESOURCE_EXHAUSTED"), "Google"),
    ("rate_limited", 429, google(429, "RESOURCE_EXHAUSTED", BY_MINUTE, retry_info("45.8s")), "Google, by the minute"),
    ("rate_limited", 429, anthropic("rate_limit_error", "ramp_limit_exceeded"), "Anthropic, too steep"),
    ("rate_limited", 429, {"error": {"type": "rate_limit_reached_error"}}, "Moonshot"),
    ("rate_limited", 200, minimax(1002), "MiniMax in a 200"),
    ("rate_limited", 429, {}, "without a body"),
    ("rate_limited", 200, azure("429"), "Azure's code in a 200"),
    ("rate_limited", 200, openrouter(429), "OpenRouter in a 200"),
    ("rate_limited", 400, {"__type": "ThrottlingException", "message": "W"}, "AWS"),
    ("overloaded", 503, openai(None, "server_error"), "OpenAI"),
    ("overloaded", 529, anthropic("overloaded_error"), "Anthropic"),
    ("overloaded", 503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}, "llama.cpp"),
    ("overloaded", 498, openai("capacity_exceeded"), "Groq"),
    ("overloaded", 200, anthropic("overloaded_error"), "Anthropic in a 200"),
    ("prompt_filtered", 400, azure("content_filter", "ResponsibleAIPolicyViolation"), "Azure"),
    ("prompt_filtered", 400, openai("content_policy_violation"), "OpenAI"),
    ("context_length", 400, openai("context_length_exceeded"), "OpenAI"),
    ("context_length", 400, openai(400, "exceed_context_size_error"), "llama.cpp"),
    ("too_large", 413, anthropic("request_too_large"), "Anthropic"),
    ("too_large", 413, {}, "without a body"),
    ("too_large", 413, openai("rate_limit_exceeded", "tokens"), "Groq, above the limit by the minute"),
    ("bad_request", 422, openai("rate_limit_exceeded", "tokens"), "a 422 that speaks of a rate"),
    ("form_missed", 400, openai("json_validate_failed"), "Groq"),
    ("gateway_timeout", 408, azure("408"), "Azure"),
    ("gateway_timeout", 499, google(499, "CANCELLED"), "Google"),
    ("gateway_timeout", 504, {"message": "Endpoint request timed out"}, "AWS"),
    ("gateway_timeout", 524, {}, "Cloudflare 524"),
    ("gateway_timeout", 200, anthropic("timeout_error"), "Anthropic's timeout in a 200"),
    ("conflict", 409, openai(None), "OpenAI"),
    ("conflict", 425, {}, "too early"),
    ("origin_unreachable", 521, {}, "Cloudflare 521"),
    ("origin_unreachable", 523, {}, "Cloudflare 523"),
    ("origin_unreachable", 525, {}, "Cloudflare 525"),
    ("bad_gateway", 502, openrouter(502), "OpenRouter"),
    ("bad_gateway", 200, openrouter(502), "OpenRouter in a 200"),
    ("bad_gateway", 520, {}, "Cloudflare 520"),
    ("bad_gateway", 522, {}, "Cloudflare 522"),
    ("server_error", 500, openai(None, "server_error"), "OpenAI"),
    ("server_error", 500, anthropic("api_error"), "Anthropic"),
    ("server_error", 500, vllm(500, "InternalServerError"), "vLLM"),
    ("server_error", 200, vllm(500, "InternalServerError"), "vLLM in a 200"),
    ("server_error", 200, openai(None, "server_error"), "by type in a 200"),
    ("server_error", 507, {}, "another 5xx"),
    ("bad_request", 400, openai("invalid_value"), "OpenAI"),
    ("bad_request", 400, anthropic("invalid_request_error"), "Anthropic"),
    ("bad_request", 400, vllm(400, "BadRequestError"), "vLLM"),
    ("bad_request", 422, {"detail": [{"loc": ["body"], "msg": "field required", "type": "missing"}]}, "FastAPI"),
    ("bad_request", 418, {}, "another 4xx"),
    ("bad_request", 200, openai("invalid_value"), "by type in a 200"),
    ("error_in_200", 200, {"error": "something broke"}, "a sentence"),
    ("error_in_200", 200, {"error": {"message": "W", "code": 1234}}, "an unknown number"),
    ("error_in_200", 200, {"detail": "Not authenticated"}, "FastAPI"),
    ("error_in_200", 200, {"success": False}, "denied success"),
    ("error_in_200", 200, {"status": "error", "msg": "busy"}, "a gateway's own envelope"),
    ("error_in_200", 200, {"errors": ["busy"]}, "errors as a list of words"),
    ("error_in_200", 200, {"fault": {}, "message": "W", "choices": []}, "beside no choices"),
    ("server_error", 200, {"code": 500, "message": "W", "data": None}, "an envelope with a status"),
    ("bad_key", 200, {"code": 401, "msg": "W"}, "an envelope with another one"),
    ("error_in_200", 200, {"error": {"message": "W", "code": True}}, "a code that is none"),
    ("unexpected_status", 600, {}, "600"),
    ("unexpected_status", 199, {}, "199"),
]


def classified(status: int, tree: Any, headers: dict[str, str] | None = None) -> Fault:
    error = error_in_success(tree) or error_instead(tree) if 200 <= status < 300 else error_of(tree)
    assert error is not None
    return fault_of_reply(status, headers or {}, error, json.dumps(tree).encode(), ABOUT, NOW)


@pytest.mark.parametrize(
    ("reason", "status", "tree"), [pytest.param(*shape[:3], id=f"{shape[0]}: {shape[3]}") for shape in SHAPES]
)
def test_a_reply_falls_on_its_row(reason: str, status: int, tree: Any) -> None:
    fault, row = classified(status, tree), ROW_OF[reason]
    assert (fault.reason, fault.action, fault.billing) == (reason, row.action, row.billing)
    assert (fault.counts, fault.overload, fault.max_tries) == (row.counts, row.overload, row.max_tries)
    assert (fault.status, fault.body) == (status, json.dumps(tree).encode())


# What the fault rules of CONTRIBUTING.md say of each: action and billing.
RULES = {
    "no_credit": (Action.STOP, Billing.NO),
    "quota_used_up": (Action.STOP, Billing.NO),
    "bad_key": (Action.STOP, Billing.NO),
    "proxy_login": (Action.STOP, Billing.NO),
    "parser_changed": (Action.STOP, Billing.MAYBE),
    "proxy_refused": (Action.STOP, Billing.NO),
    "proxy_unreachable": (Action.RETRY, Billing.NO),
    "moderated": (Action.DEAD, Billing.NO),
    "forbidden": (Action.STOP, Billing.NO),
    "no_model": (Action.STOP, Billing.NO),
    "redirect": (Action.STOP, Billing.NO),
    "tls": (Action.STOP, Billing.NO),
    "too_many_files": (Action.STOP, Billing.NO),
    "rate_limited": (Action.PAUSE, Billing.NO),
    "credit_later": (Action.PAUSE, Billing.NO),
    "no_capacity": (Action.RETRY, Billing.NO),
    "overloaded": (Action.RETRY, Billing.NO),
    "prompt_filtered": (Action.DEAD, Billing.MAYBE),
    "context_length": (Action.DEAD, Billing.NO),
    "too_large": (Action.DEAD, Billing.NO),
    "form_missed": (Action.RETRY, Billing.MAYBE),
    "gateway_timeout": (Action.RETRY, Billing.MAYBE),
    "conflict": (Action.RETRY, Billing.NO),
    "origin_unreachable": (Action.RETRY, Billing.NO),
    "bad_gateway": (Action.RETRY, Billing.MAYBE),
    "server_error": (Action.RETRY, Billing.NO),
    "bad_request": (Action.DEAD, Billing.NO),
    "error_in_200": (Action.RETRY, Billing.MAYBE),
    "html": (Action.RETRY, Billing.NO),
    "empty_body": (Action.RETRY, Billing.MAYBE),
    "bad_json": (Action.RETRY, Billing.MAYBE),
    "no_answer": (Action.RETRY, Billing.MAYBE),
    "nothing_made": (Action.RETRY, Billing.MAYBE),
    "body_too_large": (Action.DEAD, Billing.MAYBE),
    "unexpected_status": (Action.RETRY, Billing.MAYBE),
    "unreachable": (Action.RETRY, Billing.NO),
    "disconnected": (Action.RETRY, Billing.MAYBE),
    "body_cut_off": (Action.RETRY, Billing.MAYBE),
    "bad_http": (Action.RETRY, Billing.MAYBE),
    "stray_reply": (Action.RETRY, Billing.MAYBE),
    "unknown_packing": (Action.RETRY, Billing.MAYBE),
    "read_timeout": (Action.RETRY, Billing.MAYBE),
    "content_filter": (Action.DEAD, Billing.YES),
    "refusal": (Action.DEAD, Billing.YES),
    "broken_off": (Action.DEAD, Billing.YES),
    "empty_choices": (Action.DEAD, Billing.YES),
    "null_content": (Action.DEAD, Billing.YES),
    "truncated": (Action.DEAD, Billing.YES),
}


# What may be at work still, or would come again.
TWO_TRIES = {"read_timeout", "gateway_timeout", "no_answer", "unknown_packing"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.reason)
def test_each_row_asks_for_what_the_rules_say(row: Any) -> None:
    assert (row.action, row.billing) == RULES[row.reason]
    assert row.why
    free = row.action is Action.PAUSE or row.reason == "no_capacity"
    assert row.counts == (not free), "what only time can mend is free of an attempt"
    assert row.overload == (row.reason in ("overloaded", "no_capacity"))
    assert row.max_tries == (2 if row.reason in TWO_TRIES else None)


def test_each_reason_has_one_row_and_each_rule_is_there() -> None:
    assert len(ROW_OF) == len(ROWS)
    assert set(ROW_OF) == set(RULES)


def test_every_refusal_is_marked_as_one_and_every_useless_reply_too() -> None:
    """The run's own brake looks at the marks and at no reason."""
    refused = {row.reason for row in ROWS if row.action is Action.DEAD and row.billing is not Billing.YES}
    assert {row.reason for row in ROWS if row.refused} == refused - {"body_too_large"}
    paid = {row.reason for row in ROWS if row.billing is Billing.YES}
    assert paid | {"bad_json", "empty_body", "no_answer", "nothing_made", "error_in_200"} <= {
        row.reason for row in ROWS if row.unusable
    }
    assert not any(row.refused and row.unusable for row in ROWS)


def test_every_stop_row_that_a_reply_can_match_stands_above_the_others() -> None:
    """A reply with two codes, one of which says stop, must stop."""
    stops = [row.action is Action.STOP for row in ROWS if row.codes]
    moderated = [row.reason for row in ROWS if row.codes].index("moderated")
    del stops[moderated]
    assert stops == sorted(stops, reverse=True)


def test_types_that_name_a_status_are_in_no_row_of_codes() -> None:
    """invalid_request_error comes with most of OpenAI's statuses: alone it decides nothing."""
    assert not set(STATUS_OF) & {code for row in ROWS for code in row.codes}


@pytest.mark.parametrize(
    "tree",
    [
        openai("insufficient_quota_extended"),
        openai("Insufficient_Quota"),
        {"error": {"message": "insufficient_quota", "type": "requests", "code": "rate_limit_exceeded"}},
        {"error": {"message": "W", "code": "org_spend_limit_exceeded_soon"}},
        {"error": "insufficient_quota"},
        {"detail": "You have insufficient_quota"},
        {"error": {"message": "W", "code": ["insufficient_quota"]}},
        {"error": {"message": {"code": "insufficient_quota"}}},
        {"note": {"code": "insufficient_quota"}},
    ],
    ids=json.dumps,
)
def test_codes_are_matched_exactly_in_their_fields_and_never_in_the_text(tree: Any) -> None:
    assert classified(429, tree).reason == "rate_limited"


def test_an_error_beside_a_part_of_an_answer_may_have_been_billed() -> None:
    tree = {"choices": [{"error": {"code": 503, "message": "Upstream gone"}, "message": {"content": "A pl"}}]}
    fault = classified(200, tree)
    assert fault.message.endswith("Upstream gone")
    assert (fault.reason, fault.action, fault.billing) == ("overloaded", Action.RETRY, Billing.MAYBE)


@pytest.mark.parametrize(
    ("status", "tree", "wish", "action"),
    [
        pytest.param(500, {}, "false", Action.DEAD, id="a retry that is not wanted is dead"),
        pytest.param(503, {}, "false", Action.DEAD, id="overload that is not to be retried is dead"),
        pytest.param(429, {}, "false", Action.PAUSE, id="a limit pauses, wanted or not"),
        pytest.param(413, openai("rate_limit_exceeded"), "false", Action.DEAD, id="what is too large is dead"),
        pytest.param(400, {}, "true", Action.RETRY, id="a refusal that passes is retried"),
        pytest.param(429, {}, "true", Action.PAUSE, id="a limit still pauses"),
        pytest.param(401, {}, "true", Action.STOP, id="stop rows stand above it"),
        pytest.param(429, openai("insufficient_quota"), "true", Action.STOP, id="no credit stands above it"),
        pytest.param(429, openai("insufficient_quota"), "false", Action.STOP, id="no credit stops, wanted or not"),
        pytest.param(500, {}, "perhaps", Action.RETRY, id="nonsense is nothing"),
    ],
)
def test_x_should_retry_is_obeyed_below_the_stop_rows(status: int, tree: Any, wish: str, action: Action) -> None:
    assert classified(status, tree, {"x-should-retry": wish}).action is action


def test_a_fault_carries_the_wait_and_the_hints_of_its_headers() -> None:
    fault = classified(429, {}, {"retry-after-ms": "1500", "x-ratelimit-limit-requests": "60"})
    assert fault.retry_after_s == 1.5
    assert fault.hints is not None
    assert fault.hints.limit_requests == 60
    assert classified(401, {}, {"retry-after": "9"}).retry_after_s is None


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (openai("x"), "Words."),
        (anthropic("x"), "Words."),
        (vllm(400, "x"), "Words."),
        ({"detail": "Not Found"}, "Not Found"),
        ({"detail": [{"loc": ["body"], "msg": "field required"}]}, "field required"),
        ({"error": "model is loading"}, "model is loading"),
        ({"detail": {"error": "deep"}}, "deep"),
        ({"error": {"message": ""}}, ""),
        ([], ""),
        (7, ""),
    ],
    ids=str,
)
def test_the_providers_own_words_are_in_the_message(tree: Any, words: str) -> None:
    assert error_of(tree).message == words
    assert classified(400, tree).message.endswith(words)


def test_a_message_names_the_model_the_address_and_the_status() -> None:
    message = classified(404, {}).message
    assert "gpt-x" in message
    assert "https://api.example.com/v1" in message
    assert "404" in message


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.reason)
def test_no_message_shows_the_key_or_a_control_character(row: Any) -> None:
    foreign = f"\x1b[31m{CANARY}\x1b]0;title\x07 {CANARY[:9]}\x00{CANARY[9:]} \u202e{CANARY}\x9b\x7f {{status}} %s"
    message = fault_of(row.reason, ABOUT, status=500, detail=foreign).message
    assert CANARY not in message
    assert "[key]" in message
    assert message.isprintable()


@pytest.mark.parametrize("before", range(MAX_DETAIL - len(CANARY) - 2, MAX_DETAIL + 2))
@pytest.mark.parametrize("key", [CANARY, "\x1b".join(CANARY)], ids=["plain", "with controls in it"])
def test_a_cut_never_leaves_half_a_key(before: int, key: str) -> None:
    message = fault_of("bad_request", ABOUT, status=400, detail="x" * before + key + "y" * 400).message
    assert CANARY[:6] not in message
    assert len(message) < MAX_DETAIL + 100


@pytest.mark.parametrize("depth", [10, 1_000])
def test_a_deeply_nested_error_is_read_without_harm(depth: int) -> None:
    inner: Any = {"code": "ResponsibleAIPolicyViolation"}
    detail: Any = "end"
    for _ in range(depth):
        inner = {"innererror": inner}
        detail = {"detail": detail}
    assert row_for(400, error_of({"error": inner})).reason == "bad_request"
    assert error_of(detail).message == ""


def test_a_page_with_a_403_is_not_the_accounts_own_refusal() -> None:
    """A challenge, or a wall in between: it passes, or base_url is wrong, which the run's brake tells."""
    page = ErrorBody(message="a page titled 'Just a moment...'", page=True)
    fault = fault_of_reply(403, {}, page, b"<html>", ABOUT, NOW)
    assert (fault.reason, fault.action, fault.page) == ("html", Action.RETRY, True)
    assert "HTTP 403" in fault.message
    assert row_for(401, page).reason == "bad_key"
    assert row_for(502, page).reason == "bad_gateway"


@pytest.mark.parametrize(
    ("headers", "tree"),
    [
        ({"retry-after": "21600"}, openai("rate_limit_exceeded", "requests")),
        ({"retry-after-ms": "21600000"}, {}),
        (
            {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6h0m0s"},
            openai("rate_limit_exceeded"),
        ),
        ({}, google(429, "RESOURCE_EXHAUSTED", BY_MINUTE, retry_info("21600s"))),
        (
            {},
            openrouter(429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW + 21_600) * 1000)}),
        ),
    ],
    ids=str,
)
def test_a_limit_that_lasts_for_hours_stops_and_says_until_when(headers: dict[str, str], tree: Any) -> None:
    fault = classified(429, tree, headers)
    assert (fault.reason, fault.action, fault.retry_after_s) == ("quota_used_up", Action.STOP, None)
    assert "until 2026-11-22 16:07 UTC (6 h 0 min)" in fault.message


def test_a_quota_by_the_day_ends_with_googles_day_whatever_delay_stands_beside_it() -> None:
    fault = classified(429, google(429, "RESOURCE_EXHAUSTED", BY_DAY, retry_info("38s")))
    assert "until 2026-11-23 08:00 UTC" in fault.message


def test_a_pause_of_minutes_says_until_when_and_a_short_one_does_not() -> None:
    assert "until 10:19 UTC (12 min)" in classified(429, {}, {"retry-after": "720"}).message
    assert "until 10:19 UTC (12 min)" in classified(503, {}, {"retry-after": "720"}).message
    assert "until" not in classified(429, {}, {"retry-after": "2"}).message
    assert "until" not in classified(400, {}, {"retry-after": "720"}).message


def test_an_overload_of_hours_is_looked_at_again_after_one() -> None:
    assert classified(503, {}, {"retry-after": "86400"}).retry_after_s == 3600.0


def test_a_402_that_says_how_long_to_wait_is_waited_for() -> None:
    fault = classified(402, openrouter(402), {"retry-after": "20"})
    assert (fault.reason, fault.action, fault.retry_after_s) == ("credit_later", Action.PAUSE, 20.0)
    assert classified(402, openrouter(402), {"retry-after": "86400"}).action is Action.STOP
    assert classified(402, openai("insufficient_credits"), {"retry-after": "20"}).action is Action.STOP


def test_retry_info_in_the_body_is_obeyed() -> None:
    fault = classified(429, google(429, "RESOURCE_EXHAUSTED", BY_MINUTE, retry_info("45.8s")))
    assert (fault.action, fault.retry_after_s) == (Action.PAUSE, 45.8)
    assert classified(429, {"error": {"message": "W", "retry_after": 3.5}}).retry_after_s == 3.5


def test_an_error_that_was_paid_all_the_same_is_on_the_bill() -> None:
    fault = fault_of_reply(200, {}, ErrorBody(status=502), b"{}", ABOUT, NOW, usage=Usage(7, 9))
    assert (fault.reason, fault.billing, fault.usage) == ("bad_gateway", Billing.YES, Usage(7, 9))


def test_a_gateways_own_time_limit_names_what_to_change() -> None:
    message = classified(504, {}).message
    assert "max_tokens" in message
    assert "timeout_s = 60" in message


@pytest.mark.parametrize("word", ["none", "model", "HTTP", "e", "{status}", "test"])
def test_a_key_that_is_a_common_word_leaves_our_own_words_readable(word: str) -> None:
    """Local servers want any key; it is taken out of what is foreign, and out of nothing else."""
    about = About("https://api.example.com/v1", "gpt-x", 60.0, ApiKey(word).scrub)
    fault = fault_of("context_length", about, status=400, detail=f"too long, {word}!", body=f"<{word}>".encode())
    assert fault.message.startswith("the request does not fit into the context of ")
    assert "[key]" in fault.message
    assert fault.body == b"<[key]>"


def test_a_reply_without_error_body_goes_by_its_status() -> None:
    assert row_for(500, ErrorBody()).reason == "server_error"
