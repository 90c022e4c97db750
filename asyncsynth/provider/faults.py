"""The fault table: everything that can go wrong with a call, one row a fault, and what follows from it.

A reply is matched first by the codes in its body's fields (exactly, never by its text), then by its status; within
each, the first row that fits counts. What has no reply, or a reply that was paid and can't be used, is named by its
row's reason. `billing` says whether the provider charges the call: NO where it says itself that it made nothing or
was never reached, MAYBE where an answer may have been made and lost on the way, YES where one came.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace

from asyncsynth.provider.error_bodies import ErrorBody
from asyncsynth.provider.headers import rate_hints, retry_after_s, should_retry
from asyncsynth.terminal import printable_line
from asyncsynth.values import Action, Billing, Fault, Usage

NO, MAYBE, YES = Billing.NO, Billing.MAYBE, Billing.YES
RETRY, PAUSE, DEAD, STOP = Action.RETRY, Action.PAUSE, Action.DEAD, Action.STOP
MAX_DETAIL = 300  # characters of the provider's own text in a message


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `message` may name {model}, {base_url} and {status}; the provider's own words follow it."""

    reason: str
    action: Action
    billing: Billing
    message: str
    statuses: Container[int] = ()
    codes: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = ()  # of codes
    counts: bool = True
    overload: bool = False
    max_tries: int | None = None


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


ROWS: tuple[Row, ...] = (
    # Stop: no other sample would fare better.
    Row(
        "no_credit", STOP, NO, "the account has no credit left (HTTP {status})",
        statuses=(402,),
        codes=_codes(
            "insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached", "billing_not_active",
            "insufficient_credits", "billing_error", "payment_required",
        ),
        suffixes=("_spend_limit_exceeded",),
    ),
    Row(
        "bad_key", STOP, NO, "{base_url} does not accept the API key (HTTP {status})",
        statuses=(401, 407),
        codes=_codes("invalid_api_key", "authentication_error", "API_KEY_INVALID", "UNAUTHENTICATED"),
    ),
    # Only this sample was found unfit; a 403 for the account is the row below.
    Row(
        "moderated", DEAD, NO, "the endpoint's moderation refused the request (HTTP {status})",
        codes=_codes("metadata.flagged_input"),
    ),
    Row(
        "forbidden", STOP, NO, "{base_url} refuses this account or region (HTTP {status})",
        statuses=(403, 451),
        codes=_codes("permission_error", "unsupported_country_region_territory", "account_deactivated"),
    ),
    Row(
        "no_model", STOP, NO, "{base_url} has no model {model}, or no such route (HTTP {status})",
        statuses=(404, 405, 410),
        codes=_codes("model_not_found", "DeploymentNotFound", "invalid_model", "model_not_available"),
    ),
    Row(
        "redirect", STOP, NO, "{base_url} redirects elsewhere (HTTP {status}); is base_url right?",
        statuses=range(300, 400),
    ),
    Row("tls", STOP, NO, "the TLS certificate of {base_url} can't be verified"),
    Row("too_many_files", STOP, NO, "no more files can be opened here; lower the concurrency or raise `ulimit -n`"),
    # Pause: nobody sends until the limit lets it. Nothing was made.
    Row(
        "rate_limited", PAUSE, NO, "rate limit reached (HTTP {status})",
        statuses=(429,),
        codes=_codes("rate_limit_exceeded", "rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"),
        counts=False,
    ),
    # Retry, all together more slowly. The provider turned the call away before any work.
    Row(
        "overloaded", RETRY, NO, "the endpoint is overloaded (HTTP {status})",
        statuses=(503, 529, 498),
        codes=_codes("overloaded_error", "engine_overloaded", "unavailable_error", "UNAVAILABLE", "slow_down"),
        overload=True,
    ),
    # Dead: the same request would be refused again.
    Row(
        "prompt_filtered", DEAD, MAYBE, "the endpoint's content filter refused the prompt (HTTP {status})",
        codes=_codes("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"),
    ),  # MAYBE: Azure charges for the prompt it looked at
    Row(
        "context_length", DEAD, NO, "the request is longer than the context of {model} (HTTP {status})",
        codes=_codes("context_length_exceeded", "exceed_context_size_error", "string_above_max_length"),
    ),
    Row("too_large", DEAD, NO, "the request is too large (HTTP {status})", statuses=(413,)),
    # Retry: the trouble is in the middle of the way, or passes.
    Row("request_timeout", RETRY, MAYBE, "the endpoint gave up waiting (HTTP {status})", statuses=(408, 499)),
    # MAYBE: Azure charges for what was done before a 408.
    Row("conflict", RETRY, NO, "the endpoint reports a conflict (HTTP {status})", statuses=(409, 425)),
    # NO: refused before any work.
    Row("origin_unreachable", RETRY, NO, "the gateway can't reach the model's server (HTTP {status})",
        statuses=(521, 523, 525, 526, 530)),
    # NO: no connection from gateway to server ever stood. MAYBE below: one did, and the answer may be made.
    Row("bad_gateway", RETRY, MAYBE, "a gateway lost the model's server (HTTP {status})",
        statuses=(424, 502, 504, *range(520, 530))),
    Row("server_error", RETRY, NO, "the endpoint failed (HTTP {status})", statuses=range(500, 600)),
    # NO: an error was made in place of an answer, and providers charge answers.
    Row("bad_request", DEAD, NO, "the endpoint refuses the request (HTTP {status})", statuses=range(400, 500)),
    # Replies with status 2xx that hold no answer. All but HTML may have been charged.
    Row("error_in_200", RETRY, MAYBE, "an error instead of an answer (HTTP {status})"),
    Row("html", RETRY, NO, "{base_url} answers with a page of HTML"),  # NO: whatever it is, it is no model
    Row("bad_json", RETRY, MAYBE, "the reply is not JSON"),
    Row("no_answer", RETRY, MAYBE, "the reply is JSON, but no answer of this API", max_tries=2),
    Row("body_too_large", DEAD, MAYBE, "the reply is larger than any answer"),
    Row("unexpected_status", RETRY, MAYBE, "HTTP {status}, which is neither an answer nor an error"),
    # No reply, or half of one.
    Row("unreachable", RETRY, NO, "can't connect to {base_url}"),  # NO: nothing was sent
    Row("disconnected", RETRY, MAYBE, "the connection broke before the reply"),
    Row("body_cut_off", RETRY, MAYBE, "the reply broke off in the middle"),
    Row("bad_http", RETRY, MAYBE, "the reply is not HTTP"),
    Row("read_timeout", RETRY, MAYBE, "no whole reply within {timeout_s:g} s", max_tries=2),
    # Answers that were paid and can't become a record.
    Row("content_filter", DEAD, YES, "the answer was cut by the endpoint's content filter"),
    Row("refusal", DEAD, YES, "the model refused"),
    Row("empty_choices", DEAD, YES, "the reply has no choices"),
    Row("null_content", DEAD, YES, "the answer has no text"),
    Row("truncated", DEAD, YES, "the answer reached max_tokens, and output.keep_truncated is off"),
)  # fmt: skip

ROW_OF: Mapping[str, Row] = {row.reason: row for row in ROWS}

# What an error within a 200 means by its type, where it names no status: OpenAI's, Anthropic's, vLLM's, Google's words.
STATUS_OF_CODE: Mapping[str, int] = {
    "invalid_request_error": 400,
    "BadRequestError": 400,
    "INVALID_ARGUMENT": 400,
    "not_found_error": 404,
    "NotFoundError": 404,
    "NOT_FOUND": 404,
    "PERMISSION_DENIED": 403,
    "request_too_large": 413,
    "timeout_error": 504,
    "DEADLINE_EXCEEDED": 504,
    "api_error": 500,
    "server_error": 500,
    "InternalServerError": 500,
    "INTERNAL": 500,
}


@dataclass(frozen=True, slots=True)
class About:
    """Whom a message speaks of; `scrub` takes the key out of foreign text."""

    base_url: str
    model: str
    timeout_s: float
    scrub: Callable[[str], str]


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


def fault_of_reply(
    status: int, headers: Mapping[str, str], error: ErrorBody, body: bytes, about: About, now: float
) -> Fault:
    """The fault of a reply that is an error by its status or by its body. `now`: seconds since the epoch."""
    row = row_for(status, error)
    fault = fault_of(row.reason, about, status=status, detail=error.message, body=body)
    return replace(
        fault,
        action=_obeying(should_retry(headers), row.action),
        billing=MAYBE if error.within_answer and row.billing is NO else row.billing,
        retry_after_s=None if row.action is STOP else retry_after_s(headers, now),
        hints=rate_hints(headers),
    )


def fault_of(
    reason: str,
    about: About,
    *,
    status: int | None = None,
    detail: str = "",
    usage: Usage | None = None,
    body: bytes | None = None,
) -> Fault:
    """The fault of the row `reason`; `detail` is foreign text and may hold anything."""
    row = ROW_OF[reason]
    message = row.message.format(model=about.model, base_url=about.base_url, status=status, timeout_s=about.timeout_s)
    if shown := _shown(detail, about.scrub):
        message = f"{message}: {shown}"
    return Fault(
        reason,
        row.action,
        row.billing,
        about.scrub(message),
        status=status,
        counts=row.counts,
        overload=row.overload,
        max_tries=row.max_tries,
        usage=usage,
        body=body,
    )


def _obeying(wish: bool | None, action: Action) -> Action:
    """`action` as x-should-retry wants it, which counts below the stop rows."""
    if wish is None or action is STOP:
        return action
    if wish:
        return RETRY if action is DEAD else action
    return DEAD


def _shown(detail: str, scrub: Callable[[str], str]) -> str:
    """Foreign text for a message: stripped first and cut last, so that no key hides in controls or behind a cut."""
    line = scrub(printable_line(detail, limit=8 * MAX_DETAIL))
    return line if len(line) <= MAX_DETAIL else f"{line[: MAX_DETAIL - 1]}…"
