"""The faults that the simulator can make: one row a kind says what is sent and what is billed.

Where an API tells one in a way of its own, its status may be another one (see dialects).

Billed is what happens after the model worked; an error status is not. The bodies are made in spoilt.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What happens on the connection."""

    SEND = "send"  # the whole reply
    TRUNCATE = "truncate"  # Content-Length of the whole body, half of it, then the connection is closed
    RESET = "reset"  # no byte of a reply; TCP reset
    HANG = "hang"  # no byte of a reply, the connection stays open


class FaultKind(StrEnum):
    """Names for Settings.fault_shares, Spell.kind and `/stats`."""

    RATE_LIMITED_429 = "rate_limited_429"
    SERVER_ERROR_500 = "server_error_500"
    UNAVAILABLE_503 = "unavailable_503"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    TRUNCATED = "truncated"
    BAD_JSON = "bad_json"
    HTML = "html"
    SLOW = "slow"

    INSUFFICIENT_QUOTA = "insufficient_quota"
    UNAUTHORIZED = "unauthorized"
    MODEL_NOT_FOUND = "model_not_found"
    BAD_REQUEST = "bad_request"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    EMPTY_CHOICES = "empty_choices"
    NULL_CONTENT = "null_content"
    LENGTH = "length"
    USAGE_MISSING = "usage_missing"
    LONE_SURROGATE = "lone_surrogate"
    HUGE_INTEGER = "huge_integer"
    OVERLOADED_529 = "overloaded_529"
    ERROR_IN_200 = "error_in_200"
    HANG = "hang"

    PAYMENT_REQUIRED_402 = "payment_required_402"
    FORBIDDEN_403 = "forbidden_403"
    TIMEOUT_408 = "timeout_408"
    CONFLICT_409 = "conflict_409"
    TOO_LARGE_413 = "too_large_413"
    UNPROCESSABLE_422 = "unprocessable_422"
    BAD_GATEWAY_502 = "bad_gateway_502"
    GATEWAY_TIMEOUT_504 = "gateway_timeout_504"
    CLOUDFLARE_524 = "cloudflare_524"
    REDIRECT_307 = "redirect_307"
    SHOULD_NOT_RETRY = "should_not_retry"
    COMPRESSED_BOMB = "compressed_bomb"

    SPEND_LIMIT_429 = "spend_limit_429"
    DAILY_QUOTA_429 = "daily_quota_429"
    CHALLENGE_403 = "challenge_403"
    ENVELOPE_200 = "envelope_200"
    EMPTY_BODY = "empty_body"
    NOTHING_MADE = "nothing_made"
    REASONED_AWAY = "reasoned_away"
    BROKEN_OFF = "broken_off"
    DONE_AFTER_JSON = "done_after_json"
    COMMENTS_FIRST = "comments_first"
    EVENT_STREAM = "event_stream"
    REASONED_APART = "reasoned_apart"
    PROMPT_BLOCKED = "prompt_blocked"
    ERROR_IN_CHOICE = "error_in_choice"
    CREDIT_LATER_402 = "credit_later_402"
    NO_CAPACITY_429 = "no_capacity_429"

    FENCED = "fenced"
    PROSE_AROUND = "prose_around"
    CUT_SHORT = "cut_short"
    WRONG_TYPE = "wrong_type"
    REFUSES_IN_WORDS = "refuses_in_words"
    FRAGMENT = "fragment"
    SAME_AGAIN = "same_again"
    LOW_GRADES = "low_grades"
    HIGH_GRADES = "high_grades"
    FORM_MISSED_400 = "form_missed_400"


# What `faults` alone means; drawn evenly.
DEFAULT_MIXTURE = (
    FaultKind.RATE_LIMITED_429,
    FaultKind.SERVER_ERROR_500,
    FaultKind.UNAVAILABLE_503,
    FaultKind.RESET_BEFORE,
    FaultKind.RESET_AFTER,
    FaultKind.TRUNCATED,
    FaultKind.BAD_JSON,
    FaultKind.HTML,
    FaultKind.SLOW,
)


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One kind: `waits` for the latency or at once; `answered` where a client gets the model's whole, usable text."""

    status: int | None = 200  # None: no byte of a reply
    effect: Effect = Effect.SEND
    waits: bool = True
    billed: bool = False
    answered: bool = False


def _refused(status: int) -> FaultRow:
    return FaultRow(status, waits=False)


FAULTS: dict[FaultKind, FaultRow] = {
    FaultKind.RATE_LIMITED_429: _refused(429),
    FaultKind.SERVER_ERROR_500: FaultRow(500),
    FaultKind.UNAVAILABLE_503: _refused(503),
    FaultKind.RESET_BEFORE: FaultRow(None, Effect.RESET, waits=False),
    FaultKind.RESET_AFTER: FaultRow(None, Effect.RESET, billed=True),
    FaultKind.TRUNCATED: FaultRow(200, Effect.TRUNCATE, billed=True),
    FaultKind.BAD_JSON: FaultRow(billed=True),
    FaultKind.HTML: FaultRow(waits=False),
    FaultKind.SLOW: FaultRow(billed=True, answered=True),
    FaultKind.INSUFFICIENT_QUOTA: _refused(429),
    FaultKind.UNAUTHORIZED: _refused(401),
    FaultKind.MODEL_NOT_FOUND: _refused(404),
    FaultKind.BAD_REQUEST: _refused(400),
    FaultKind.CONTENT_FILTER: FaultRow(billed=True),
    FaultKind.REFUSAL: FaultRow(billed=True),
    FaultKind.EMPTY_CHOICES: FaultRow(billed=True),
    FaultKind.NULL_CONTENT: FaultRow(billed=True),
    FaultKind.LENGTH: FaultRow(billed=True, answered=True),
    FaultKind.USAGE_MISSING: FaultRow(billed=True, answered=True),
    FaultKind.LONE_SURROGATE: FaultRow(billed=True, answered=True),
    FaultKind.HUGE_INTEGER: FaultRow(billed=True, answered=True),
    FaultKind.OVERLOADED_529: _refused(529),
    FaultKind.ERROR_IN_200: FaultRow(),
    FaultKind.HANG: FaultRow(None, Effect.HANG, billed=True),
    FaultKind.PAYMENT_REQUIRED_402: _refused(402),
    FaultKind.FORBIDDEN_403: _refused(403),
    FaultKind.TIMEOUT_408: FaultRow(408),
    FaultKind.CONFLICT_409: _refused(409),
    FaultKind.TOO_LARGE_413: _refused(413),
    FaultKind.UNPROCESSABLE_422: _refused(422),
    FaultKind.BAD_GATEWAY_502: FaultRow(502),
    FaultKind.GATEWAY_TIMEOUT_504: FaultRow(504),
    FaultKind.CLOUDFLARE_524: FaultRow(524),
    FaultKind.REDIRECT_307: _refused(307),
    FaultKind.SHOULD_NOT_RETRY: FaultRow(500),
    FaultKind.COMPRESSED_BOMB: FaultRow(billed=True),
    FaultKind.SPEND_LIMIT_429: _refused(429),
    FaultKind.DAILY_QUOTA_429: _refused(429),
    FaultKind.CHALLENGE_403: _refused(403),
    FaultKind.ENVELOPE_200: _refused(200),
    FaultKind.EMPTY_BODY: FaultRow(billed=True),
    FaultKind.NOTHING_MADE: FaultRow(),
    FaultKind.REASONED_AWAY: FaultRow(billed=True),
    FaultKind.BROKEN_OFF: FaultRow(billed=True),
    FaultKind.DONE_AFTER_JSON: FaultRow(billed=True, answered=True),
    FaultKind.COMMENTS_FIRST: FaultRow(billed=True, answered=True),
    FaultKind.EVENT_STREAM: FaultRow(billed=True, answered=True),
    FaultKind.REASONED_APART: FaultRow(billed=True, answered=True),
    FaultKind.NO_CAPACITY_429: _refused(429),
    FaultKind.PROMPT_BLOCKED: FaultRow(400, billed=True),  # the prompt alone, which was looked at
    FaultKind.ERROR_IN_CHOICE: FaultRow(billed=True),
    FaultKind.CREDIT_LATER_402: _refused(402),
    FaultKind.FENCED: FaultRow(billed=True, answered=True),
    FaultKind.PROSE_AROUND: FaultRow(billed=True, answered=True),
    FaultKind.CUT_SHORT: FaultRow(billed=True, answered=True),
    FaultKind.WRONG_TYPE: FaultRow(billed=True, answered=True),
    FaultKind.REFUSES_IN_WORDS: FaultRow(billed=True, answered=True),
    FaultKind.FRAGMENT: FaultRow(billed=True, answered=True),
    FaultKind.SAME_AGAIN: FaultRow(billed=True, answered=True),
    FaultKind.LOW_GRADES: FaultRow(billed=True, answered=True),
    FaultKind.HIGH_GRADES: FaultRow(billed=True, answered=True),
    FaultKind.FORM_MISSED_400: FaultRow(400, billed=True),  # the model worked
}
