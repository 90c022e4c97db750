"""What a fault makes of an answer, and the reply that tells it; where the connection is what breaks, see wire.py."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import orjson
from msgspec.structs import replace

from asyncsynth.servers.simulator import misbehaved
from asyncsynth.servers.simulator.dialects import DIALECTS
from asyncsynth.servers.simulator.dialects.dialect import JSON, Failure, Headers
from asyncsynth.servers.simulator.faults import FAULTS, FaultKind
from asyncsynth.servers.simulator.replies import plain
from asyncsynth.servers.simulator.text import MARK
from asyncsynth.servers.simulator.written import Written
from asyncsynth.values import Api

BOMB_BYTES = 64 * 1024 * 1024  # when decompressed
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"
_HTML = ("content-type", "text/html; charset=utf-8")
_EVENTS = ("content-type", "text/event-stream")


class Spoilt(NamedTuple):
    """A reply with a fault; `status` None: no byte of it is sent."""

    status: int | None
    headers: Headers  # the content-type included
    body: bytes


def changed(kind: FaultKind, written: Written) -> Written:
    """What is written, and billed, where this fault comes."""
    if (misbehaves := misbehaved.CHANGES.get(kind)) is not None:
        return written.with_text(misbehaves)
    change = _CHANGES.get(kind)
    return written if change is None else change(written)


def reply(kind: FaultKind, written: Written, retry_after_s: float) -> Spoilt:
    """The reply to a call with fault `kind`, which has changed what is `written`."""
    dialect, status = DIALECTS[written.api], FAULTS[kind].status
    headers = _HEADERS.get(kind, (JSON,))
    if kind in _WAITED_FOR:
        headers += dialect.wait_headers(retry_after_s)
    if (own := dialect.own.get(kind)) is not None:
        return Spoilt(own.status, headers, orjson.dumps(own.tree(written)))
    if (failure := _FAILURES.get(kind)) is not None:
        wait_s = retry_after_s if kind in _WAITED_FOR else None
        instead = _INSTEAD_OF_200 if kind is FaultKind.ERROR_IN_200 else status
        return Spoilt(status, headers, dialect.failure(instead or 0, failure, wait_s))
    if (fixed := _FIXED.get(kind)) is not None:
        return Spoilt(status, headers, fixed)
    return Spoilt(status, headers, _BODIES.get(kind, plain)(written))


# What the model wrote, where a fault changes it; what a model that misbehaves writes, see misbehaved.py.
_CHANGES: dict[FaultKind, Callable[[Written], Written]] = {
    FaultKind.LENGTH: lambda written: written.cut(max(written.completion_tokens // 2, 1)),
    FaultKind.USAGE_MISSING: lambda written: replace(written, counted=False),
    FaultKind.EMPTY_CHOICES: lambda written: replace(written, chosen=False),
    FaultKind.NULL_CONTENT: lambda written: replace(written, text=None),
    FaultKind.REFUSAL: lambda written: replace(written, text=None, refusal=f"{MARK}I'm sorry, I can't help with that."),
    FaultKind.CONTENT_FILTER: lambda written: replace(written, finish_reason="content_filter"),
    FaultKind.BROKEN_OFF: lambda written: replace(written, finish_reason="abort"),
    FaultKind.ERROR_IN_CHOICE: lambda written: replace(written, finish_reason="error"),
    FaultKind.PROMPT_BLOCKED: lambda written: replace(written, completion_tokens=0),
    # A gateway whose upstream failed: the shape of an answer, without text, id, model or tokens.
    FaultKind.NOTHING_MADE: lambda written: replace(
        written, id="", model="", text="", prompt_tokens=0, completion_tokens=0, cached_tokens=0, cost_usd=None
    ),
    # All of max_tokens went into thoughts.
    FaultKind.REASONED_AWAY: lambda written: replace(
        written, text=None, thoughts=written.text, thought_tokens=written.completion_tokens, finish_reason="length"
    ),
    FaultKind.REASONED_APART: lambda written: replace(
        written, thought_tokens=written.completion_tokens // 2, told_apart=True
    ),
}

# Which of them are worth asking again after a while, and say so.
_WAITED_FOR = frozenset({FaultKind.RATE_LIMITED_429, FaultKind.CREDIT_LATER_402})
_INSTEAD_OF_200 = 502  # the status that should have been

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

# Errors that every API tells in its own shape.
_FAILURES: dict[FaultKind, Failure] = {
    FaultKind.RATE_LIMITED_429: Failure("Rate limit reached.", "requests", "rate_limit_exceeded"),
    FaultKind.SHOULD_NOT_RETRY: Failure("Do not send this again.", "server_error"),
    FaultKind.SERVER_ERROR_500: Failure("The server had an error while processing your request.", "server_error"),
    FaultKind.UNAVAILABLE_503: Failure("That model is currently overloaded with other requests.", "server_error"),
    FaultKind.OVERLOADED_529: Failure("Overloaded", "overloaded_error"),
    FaultKind.INSUFFICIENT_QUOTA: Failure(
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    FaultKind.UNAUTHORIZED: Failure("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    FaultKind.MODEL_NOT_FOUND: Failure(
        "The model does not exist or you do not have access to it.", "invalid_request_error", "model_not_found", "model"
    ),
    FaultKind.BAD_REQUEST: Failure("Invalid value for a parameter.", "invalid_request_error", "invalid_value"),
    FaultKind.ERROR_IN_200: Failure("Provider returned error", "api_error", _INSTEAD_OF_200),  # OpenRouter's code
    FaultKind.PAYMENT_REQUIRED_402: Failure("Insufficient credits.", "payment_required", 402),
    FaultKind.CREDIT_LATER_402: Failure("Credits are being added. Try again in a moment.", "api_error", 402),
    # OpenAI's, for service_tier flex
    FaultKind.NO_CAPACITY_429: Failure("Resource unavailable.", "rate_limit_error", "resource_unavailable"),
    FaultKind.FORBIDDEN_403: Failure(
        "Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory"
    ),
    FaultKind.TIMEOUT_408: Failure("Request timed out.", "server_error"),
    FaultKind.CONFLICT_409: Failure("Conflict.", "server_error"),
    FaultKind.TOO_LARGE_413: Failure("Request too large.", "invalid_request_error"),
    FaultKind.UNPROCESSABLE_422: Failure("Unprocessable entity.", "invalid_request_error"),
    FaultKind.BAD_GATEWAY_502: Failure("Bad gateway.", "server_error"),
    FaultKind.GATEWAY_TIMEOUT_504: Failure("Gateway timeout.", "server_error"),
    # Groq's
    FaultKind.FORM_MISSED_400: Failure(
        "Failed to generate JSON. Please adjust your prompt.", "invalid_request_error", "json_validate_failed"
    ),
    # Azure's
    FaultKind.PROMPT_BLOCKED: Failure(
        "The response was filtered due to the prompt triggering a content management policy.", "", "content_filter"
    ),
}


def _of_another(api: Api, kind: FaultKind) -> bytes:
    nothing = Written(api, "", 0, "", 0, None, 0, "stop")
    return orjson.dumps(DIALECTS[api].own[kind].tree(nothing))


# What is sent as it stands, whatever was asked: pages, and what a gateway passes on from others.
_FIXED: dict[FaultKind, bytes] = {
    FaultKind.RESET_BEFORE: b"",
    FaultKind.RESET_AFTER: b"",
    FaultKind.HANG: b"",
    FaultKind.EMPTY_BODY: b"",
    FaultKind.HTML: _PAGE,
    FaultKind.CLOUDFLARE_524: _PAGE.replace(b"It works!", b"A timeout occurred"),
    FaultKind.CHALLENGE_403: _PAGE.replace(b"Welcome", b"Just a moment..."),
    FaultKind.REDIRECT_307: b"{}",
    FaultKind.ENVELOPE_200: orjson.dumps({"detail": "The upstream did not answer.", "success": False}),
    # Anthropic's shape, whose type says less than its details.
    FaultKind.SPEND_LIMIT_429: _of_another("anthropic", FaultKind.SPEND_LIMIT_429),
    # Google's shape, in the list that its OpenAI route makes of it.
    FaultKind.DAILY_QUOTA_429: b"[" + _of_another("gemini", FaultKind.DAILY_QUOTA_429) + b"]",
}


def _half(written: Written) -> bytes:
    whole = plain(written)
    return whole[: len(whole) // 2]


def _lone_surrogate(written: Written) -> bytes:
    """Half of a UTF-16 pair as a JSON escape: json.loads takes it, orjson and UTF-8 don't."""
    return plain(written).replace(MARK.encode(), MARK.encode() + rb"\ud83d ", 1)


def _huge_integer(written: Written) -> bytes:
    return plain(written)[:-1] + b',"serial":' + b"9" * 40 + b"}"


@cache
def _bomb() -> bytes:
    """Blanks, which JSON allows before a value, so that only the size is wrong."""
    return gzip.compress(b" " * BOMB_BYTES, compresslevel=9, mtime=0)


# Answers with something wrong about their bytes.
_BODIES: dict[FaultKind, Callable[[Written], bytes]] = {
    FaultKind.COMPRESSED_BOMB: lambda _: _bomb(),
    FaultKind.BAD_JSON: _half,
    FaultKind.LONE_SURROGATE: _lone_surrogate,
    FaultKind.HUGE_INTEGER: _huge_integer,
    # What ends a stream, behind an answer that is none.
    FaultKind.DONE_AFTER_JSON: lambda written: plain(written) + b"\n\ndata: [DONE]\n\n",
    # The comments by which OpenRouter keeps a call alive.
    FaultKind.COMMENTS_FIRST: lambda written: b": PROCESSING\n\n: PROCESSING\n\n" + plain(written),
    FaultKind.EVENT_STREAM: lambda written: DIALECTS[written.api].stream(written),
}
