"""The fault table: everything that can go wrong with a call, one row a fault, and what follows from it.

A reply is matched first by the codes in its body's fields (exactly, never by its text), then by its status; within
each, the first row that fits counts. What has no reply, or was paid and can't be used, is named by its row's reason.

`billing` says whether the provider charges the call: NO where it made nothing and says so, or was never reached;
MAYBE where an answer may have been made and lost on the way; YES where one came. `why` gives the ground for it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from asyncsynth.provider.error_bodies import ErrorBody
from asyncsynth.values import Action, Billing

NO, MAYBE, YES = Billing.NO, Billing.MAYBE, Billing.YES
RETRY, PAUSE, DEAD, STOP = Action.RETRY, Action.PAUSE, Action.DEAD, Action.STOP


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `message` may name {model}, {base_url}, {status}, {timeout_s}; the provider's own words follow it."""

    reason: str
    action: Action
    billing: Billing
    message: str
    why: str  # this billing
    statuses: Container[int] = ()
    codes: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = ()  # of codes
    counts: bool = True
    overload: bool = False
    max_tries: int | None = None
    # What the run's own rules look at; see values.Fault.
    reached: bool = True
    answered: bool = True
    page: bool = False
    refused: bool = False
    unusable: bool = False


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


ROWS: tuple[Row, ...] = (
    # Stop: no other sample would fare better.
    Row(
        "no_credit",
        STOP,
        NO,
        "the account has no credit left (HTTP {status})",
        "refused before any work",
        statuses=(402,),
        codes=_codes(
            "insufficient_quota",
            "credit_balance_exhausted",
            "billing_hard_limit_reached",
            "billing_not_active",
            "billing_error",
            "insufficient_credits",
            "payment_required",
        ),
        suffixes=("_spend_limit_exceeded",),
    ),
    Row(
        "bad_key",
        STOP,
        NO,
        "{base_url} does not accept the API key (HTTP {status})",
        "refused before any work",
        statuses=(401, 407),
        codes=_codes("invalid_api_key", "authentication_error", "API_KEY_INVALID", "UNAUTHENTICATED"),
    ),
    # Only this sample was found unfit, by OpenRouter's 403; a 403 of the account is the row below.
    Row(
        "moderated",
        DEAD,
        NO,
        "the endpoint's moderation refused the request (HTTP {status})",
        "never reached the model",
        codes=_codes("metadata.flagged_input"),
    ),
    Row(
        "forbidden",
        STOP,
        NO,
        "{base_url} refuses this account or region (HTTP {status})",
        "refused before any work",
        statuses=(403, 451),
        codes=_codes("permission_error", "unsupported_country_region_territory", "account_deactivated"),
    ),
    Row(
        "no_model",
        STOP,
        NO,
        "{base_url} has no model {model}, or no such route (HTTP {status})",
        "there is nothing that could work",
        statuses=(404, 405, 410),
        codes=_codes("model_not_found", "model_not_available", "invalid_model", "DeploymentNotFound"),
    ),
    Row(
        "redirect",
        STOP,
        NO,
        "{base_url} redirects elsewhere (HTTP {status}); is base_url right?",
        "never followed",
        statuses=range(300, 400),
    ),
    Row("tls", STOP, NO, "the TLS certificate of {base_url} can't be verified", "nothing was sent"),
    Row(
        "too_many_files",
        STOP,
        NO,
        "no more files can be opened here; lower the concurrency or raise `ulimit -n`",
        "nothing was sent",
    ),
    # Pause: nobody sends until the limit lets it.
    Row(
        "rate_limited",
        PAUSE,
        NO,
        "rate limit reached (HTTP {status})",
        "refused before any work",
        statuses=(429,),
        codes=_codes("rate_limit_exceeded", "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"),
        counts=False,
    ),
    # Retry, all together more slowly.
    Row(
        "overloaded",
        RETRY,
        NO,
        "the endpoint is overloaded (HTTP {status})",
        "refused before any work",
        statuses=(503, 529, 498),  # 498 is Groq's
        codes=_codes("overloaded_error", "engine_overloaded", "unavailable_error", "UNAVAILABLE", "slow_down"),
        overload=True,
    ),
    # Dead: the same request would be refused again.
    Row(
        "prompt_filtered",
        DEAD,
        MAYBE,
        "the endpoint's content filter refused the prompt (HTTP {status})",
        "Azure charges for the prompt that it looked at",
        codes=_codes("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"),
    ),
    Row(
        "context_length",
        DEAD,
        NO,
        "the request does not fit into the context of {model} (HTTP {status})",
        "refused before any work",
        codes=_codes("context_length_exceeded", "exceed_context_size_error", "string_above_max_length"),
        refused=True,
    ),
    Row(
        "too_large",
        DEAD,
        NO,
        "the request is too large (HTTP {status})",
        "refused before any work",
        statuses=(413,),
        codes=_codes("request_too_large"),
        refused=True,
    ),
    # Retry on a fresh connection: the trouble passes, or lies in the middle of the way.
    Row(
        "request_timeout",
        RETRY,
        MAYBE,
        "the endpoint gave up on the call (HTTP {status})",
        "Azure charges for what was done before a 408",
        statuses=(408, 499),
        answered=False,
    ),
    Row(
        "conflict",
        RETRY,
        NO,
        "the endpoint reports a conflict (HTTP {status})",
        "refused before any work",
        statuses=(409, 425),
    ),
    Row(
        "origin_unreachable",
        RETRY,
        NO,
        "the gateway can't reach the endpoint's server (HTTP {status})",
        "the gateway says that no connection stood",
        statuses=(521, 523, 525, 526, 530),
        answered=False,
    ),
    Row(
        "bad_gateway",
        RETRY,
        MAYBE,
        "a gateway lost the endpoint's server (HTTP {status})",
        "a connection stood, and an answer may have been made",
        statuses=(424, 502, 504, *range(520, 530)),
        answered=False,
    ),
    Row(
        "server_error",
        RETRY,
        NO,
        "the endpoint failed (HTTP {status})",
        "an error came in place of an answer, and answers are what is charged",
        statuses=range(500, 600),
        answered=False,
    ),
    Row(
        "bad_request",
        DEAD,
        NO,
        "the endpoint refuses the request (HTTP {status})",
        "refused before any work",
        statuses=range(400, 500),  # 400, 422 and what no row above names
        refused=True,
    ),
    # Replies with status 2xx, or none that exists, and no answer in them.
    Row(
        "error_in_200",
        RETRY,
        MAYBE,
        "an error instead of an answer (HTTP {status})",
        "a 200, and the error does not say what it is",
        unusable=True,
    ),
    Row(
        "html",
        RETRY,
        NO,
        "{base_url} answers with a page of HTML",
        "whatever answers there is no model",
        page=True,
        answered=False,
    ),
    Row("bad_json", RETRY, MAYBE, "the reply is not JSON", "a 200 is charged, legible or not", unusable=True),
    Row(
        "no_answer",
        RETRY,
        MAYBE,
        "the reply is JSON, but no answer of this API",
        "a 200 is charged, legible or not",
        max_tries=2,
        unusable=True,
    ),
    Row("body_too_large", DEAD, MAYBE, "the reply is larger than any answer", "a 200 is charged, legible or not"),
    Row(
        "unexpected_status",
        RETRY,
        MAYBE,
        "HTTP {status} is neither an answer nor an error",
        "nobody knows what it means",
    ),
    # No reply, or half of one.
    Row("unreachable", RETRY, NO, "can't connect to {base_url}", "nothing was sent", reached=False, answered=False),
    Row(
        "disconnected",
        RETRY,
        MAYBE,
        "the connection broke before the reply",
        "the request may have arrived",
        answered=False,
    ),
    Row("body_cut_off", RETRY, MAYBE, "the reply broke off in the middle", "an answer was made", answered=False),
    Row("bad_http", RETRY, MAYBE, "the reply is not HTTP", "the request may have arrived", answered=False),
    Row(
        "stray_reply",
        RETRY,
        MAYBE,
        "something came that belongs to no request, so no reply of that moment is taken",
        "an answer may have come that can't be told to be this request's",
        unusable=True,
    ),
    Row(
        "unknown_packing",
        RETRY,
        MAYBE,
        "the reply is packed in a way that was not asked for",
        "a 200 is charged, legible or not",
        max_tries=2,
        unusable=True,
    ),
    Row(
        "read_timeout",
        RETRY,
        MAYBE,
        "no whole reply within {timeout_s:g} s",
        "an answer may still be made",
        max_tries=2,
        answered=False,
    ),
    # Answers that were paid and can't become a record; whether to ask again is the config's max_reasks.
    Row("content_filter", DEAD, YES, "the endpoint's content filter cut the answer", "an answer came"),
    Row("refusal", DEAD, YES, "the model refused", "an answer came"),
    Row("empty_choices", DEAD, YES, "the reply has no choices", "an answer came", unusable=True),
    Row("null_content", DEAD, YES, "the answer has no text", "an answer came", unusable=True),
    Row("truncated", DEAD, YES, "the answer reached max_tokens, and output.keep_truncated is off", "an answer came"),
)

ROW_OF: Mapping[str, Row] = {row.reason: row for row in ROWS}

# What an error within a 200 means by its type, where it names no status; OpenAI's, Anthropic's, vLLM's, Google's words.
STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_request_error": 400,
    "BadRequestError": 400,
    "INVALID_ARGUMENT": 400,
    "PERMISSION_DENIED": 403,
    "not_found_error": 404,
    "NotFoundError": 404,
    "NOT_FOUND": 404,
    "api_error": 500,
    "server_error": 500,
    "InternalServerError": 500,
    "INTERNAL": 500,
    "timeout_error": 504,
    "DEADLINE_EXCEEDED": 504,
}


def row_for(status: int, error: ErrorBody) -> Row:
    """The row of a reply: by the codes in its body, else by its status; for a 2xx by what the error says instead."""
    for row in ROWS:
        if error.codes & row.codes or (row.suffixes and any(code.endswith(row.suffixes) for code in error.codes)):
            return row
    if 200 <= status < 300:
        named = (STATUS_OF_CODE[code] for code in sorted(error.codes) if code in STATUS_OF_CODE)
        status = error.status or next(named, 0)
        if not status:
            return ROW_OF["error_in_200"]
    return next((row for row in ROWS if status in row.statuses), ROW_OF["unexpected_status"])
