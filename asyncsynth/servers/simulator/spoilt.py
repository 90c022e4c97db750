"""The replies that a fault makes of an answer; where the connection is what breaks, see wire.py."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache

import orjson

from asyncsynth.servers.simulator import odd
from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.servers.simulator.limits import Headers, retry_headers
from asyncsynth.servers.simulator.replies import JSON, Written, answer, error, plain
from asyncsynth.servers.simulator.text import MARK

BOMB_BYTES = 64 * 1024 * 1024  # when decompressed
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"
_HTML = ("content-type", "text/html; charset=utf-8")
_EVENTS = ("content-type", "text/event-stream")


def reply(kind: FaultKind, written: Written, retry_after_s: float) -> tuple[Headers, bytes]:
    """Headers (content-type included) and body of a reply with fault `kind`."""
    headers = _HEADERS.get(kind, (JSON,))
    if kind is FaultKind.RATE_LIMITED_429:
        headers += retry_headers(retry_after_s)
    fixed = _FIXED.get(kind)
    return headers, _BODIES[kind](written) if fixed is None else fixed


_HEADERS: dict[FaultKind, Headers] = {
    FaultKind.HTML: (_HTML,),
    FaultKind.CLOUDFLARE_524: (_HTML,),
    FaultKind.REDIRECT_307: (JSON, ("location", "/elsewhere")),
    FaultKind.SHOULD_NOT_RETRY: (JSON, ("x-should-retry", "false")),
    FaultKind.COMPRESSED_BOMB: (JSON, ("content-encoding", "gzip")),
    FaultKind.CHALLENGE_403: (_HTML,),
    FaultKind.DONE_AFTER_JSON: (_EVENTS,),
    FaultKind.EVENT_STREAM: (_EVENTS,),
}

_FIXED: dict[FaultKind, bytes] = {
    FaultKind.RATE_LIMITED_429: error("Rate limit reached.", "requests", "rate_limit_exceeded"),
    FaultKind.HTML: _PAGE,
    FaultKind.CLOUDFLARE_524: _PAGE.replace(b"It works!", b"A timeout occurred"),
    FaultKind.REDIRECT_307: b"{}",
    FaultKind.SHOULD_NOT_RETRY: error("Do not send this again.", "server_error"),
    FaultKind.SERVER_ERROR_500: error("The server had an error while processing your request.", "server_error"),
    FaultKind.UNAVAILABLE_503: error("That model is currently overloaded with other requests.", "server_error"),
    FaultKind.INSUFFICIENT_QUOTA: error(
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    FaultKind.UNAUTHORIZED: error("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    FaultKind.MODEL_NOT_FOUND: error(
        "The model does not exist or you do not have access to it.", "invalid_request_error", "model_not_found", "model"
    ),
    FaultKind.BAD_REQUEST: error("Invalid value for a parameter.", "invalid_request_error", "invalid_value"),
    # Anthropic's shape, whose status this is.
    FaultKind.OVERLOADED_529: orjson.dumps(
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    ),
    # OpenRouter's shape: the code is the status that should have been.
    FaultKind.ERROR_IN_200: orjson.dumps({"error": {"message": "Provider returned error", "code": 502}}),
    FaultKind.PAYMENT_REQUIRED_402: error("Insufficient credits.", "payment_required", 402),
    FaultKind.FORBIDDEN_403: error(
        "Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory"
    ),
    FaultKind.TIMEOUT_408: error("Request timed out.", "server_error"),
    FaultKind.CONFLICT_409: error("Conflict.", "server_error"),
    FaultKind.TOO_LARGE_413: error("Request too large.", "invalid_request_error"),
    FaultKind.UNPROCESSABLE_422: error("Unprocessable entity.", "invalid_request_error"),
    FaultKind.BAD_GATEWAY_502: error("Bad gateway.", "server_error"),
    FaultKind.GATEWAY_TIMEOUT_504: error("Gateway timeout.", "server_error"),
    # Anthropic's shape, whose type says less than its details.
    FaultKind.SPEND_LIMIT_429: orjson.dumps(
        {
            "type": "error",
            "error": {
                "type": "rate_limit_error",
                "message": "You have reached your API usage limits.",
                "details": {"error_code": "enforced_spend_limit_reached"},
            },
        }
    ),
    # Google's shape, in the list that its OpenAI route makes of it; the delay beside the quota means nothing.
    FaultKind.DAILY_QUOTA_429: orjson.dumps(
        [
            {
                "error": {
                    "code": 429,
                    "message": "You exceeded your current quota.",
                    "status": "RESOURCE_EXHAUSTED",
                    "details": [
                        {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},
                        {"retryDelay": "38s"},
                    ],
                },
            }
        ]
    ),
    FaultKind.CHALLENGE_403: _PAGE.replace(b"Welcome", b"Just a moment..."),
    FaultKind.ENVELOPE_200: orjson.dumps({"detail": "The upstream did not answer.", "success": False}),
    FaultKind.EMPTY_BODY: b"",
}


def _half(written: Written) -> bytes:
    whole = orjson.dumps(answer(written))
    return whole[: len(whole) // 2]


def _without_usage(written: Written) -> bytes:
    tree = answer(written)
    del tree["usage"]
    return orjson.dumps(tree)


def _without_choices(written: Written) -> bytes:
    return orjson.dumps(answer(written) | {"choices": []})


def _null_content(written: Written) -> bytes:
    tree = answer(written)
    if written.api == "chat":
        tree["choices"][0]["message"]["content"] = None
    else:
        tree["choices"][0]["text"] = None
    return orjson.dumps(tree)


def _refusal(written: Written) -> bytes:
    """For completions, whose shape has no refusal, the field stands beside a null text."""
    tree = answer(written)
    choice = tree["choices"][0]
    sentence = f"{MARK}I'm sorry, I can't help with that."
    if written.api == "chat":
        choice["message"] |= {"content": None, "refusal": sentence}
    else:
        choice |= {"text": None, "refusal": sentence}
    return orjson.dumps(tree)


def _content_filter(written: Written) -> bytes:
    return orjson.dumps(answer(written._replace(finish_reason="content_filter")))


def _lone_surrogate(written: Written) -> bytes:
    """Half of a UTF-16 pair as a JSON escape: json.loads takes it, orjson and UTF-8 don't."""
    return orjson.dumps(answer(written)).replace(MARK.encode(), MARK.encode() + rb"\ud83d ", 1)


def _huge_integer(written: Written) -> bytes:
    created = b'"created":'
    return orjson.dumps(answer(written)).replace(created, created + b"9" * 30, 1)


@cache
def _bomb() -> bytes:
    """Blanks, which JSON allows before a value, so that only the size is wrong."""
    return gzip.compress(b" " * BOMB_BYTES, compresslevel=9, mtime=0)


_BODIES: dict[FaultKind, Callable[[Written], bytes]] = {
    FaultKind.TRUNCATED: plain,  # the connection is what is cut
    FaultKind.SLOW: plain,
    FaultKind.LENGTH: plain,  # was cut when written
    FaultKind.RESET_BEFORE: lambda _: b"",
    FaultKind.RESET_AFTER: lambda _: b"",
    FaultKind.HANG: lambda _: b"",
    FaultKind.COMPRESSED_BOMB: lambda _: _bomb(),
    FaultKind.BAD_JSON: _half,
    FaultKind.USAGE_MISSING: _without_usage,
    FaultKind.EMPTY_CHOICES: _without_choices,
    FaultKind.NULL_CONTENT: _null_content,
    FaultKind.REFUSAL: _refusal,
    FaultKind.CONTENT_FILTER: _content_filter,
    FaultKind.LONE_SURROGATE: _lone_surrogate,
    FaultKind.HUGE_INTEGER: _huge_integer,
    FaultKind.BROKEN_OFF: lambda written: orjson.dumps(answer(written._replace(finish_reason="abort"))),
    FaultKind.NOTHING_MADE: odd.nothing_made,
    FaultKind.REASONED_AWAY: odd.reasoned_away,
    FaultKind.REASONED_APART: odd.reasoned_apart,
    FaultKind.DONE_AFTER_JSON: odd.done_after_json,
    FaultKind.COMMENTS_FIRST: odd.comments_first,
    FaultKind.EVENT_STREAM: odd.event_stream,
}
