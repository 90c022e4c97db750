"""The bodies that are sent where nothing but limits and requests is wrong, in the shapes of the API that was asked."""

from __future__ import annotations

from typing import Any

import orjson

from asyncsynth.servers.simulator.dialects import DIALECTS
from asyncsynth.servers.simulator.dialects.dialect import JSON, Failure, Headers, Invalid
from asyncsynth.servers.simulator.dialects.openai import failure_body
from asyncsynth.servers.simulator.durations import duration
from asyncsynth.servers.simulator.limits import Refusal
from asyncsynth.servers.simulator.requests import Asked
from asyncsynth.servers.simulator.text import count_tokens
from asyncsynth.servers.simulator.windows import MINUTE
from asyncsynth.servers.simulator.written import Written
from asyncsynth.values import Api

__all__ = ["JSON", "error", "invalid", "models", "plain", "refused", "written_for"]

_UNITS = {
    "requests": "requests per min (RPM)",
    "tokens": "tokens per min (TPM)",
    "input-tokens": "input tokens per minute",
    "output-tokens": "output tokens per minute",
}


def error(message: str, kind: str, code: str | None = None) -> bytes:
    """An error of the server itself, in OpenAI's shape."""
    return failure_body(Failure(message, kind, code))


def invalid(why: Invalid, api: Api) -> bytes:
    return DIALECTS[api].failure(400, Failure(why.message, "invalid_request_error", why.code, why.param))


def refused(refusal: Refusal, model: str, api: Api) -> tuple[Headers, bytes]:
    """Headers and body of a 429, worded like OpenAI's."""
    figures = f"Limit {refusal.limit}, Used {refusal.used}, Requested {refusal.requested}"
    unit = _UNITS[refusal.kind]
    if refusal.wait_s > MINUTE:
        message = f"Request too large for {model} on {unit}: {figures}. It can never be answered at this limit."
    else:
        message = (
            f"Rate limit reached for {model} on {unit}: {figures}. Please try again in {duration(refusal.wait_s)}."
        )
    dialect, failure = DIALECTS[api], Failure(message, refusal.kind, "rate_limit_exceeded")
    return dialect.wait_headers(refusal.wait_s), dialect.failure(429, failure, refusal.wait_s)


def models(names: tuple[str, ...], created: int) -> bytes:
    """The body of GET /v1/models."""
    data = [_model(name, created) for name in names]
    return orjson.dumps({"object": "list", "data": data})


def model(name: str, created: int) -> bytes:
    """The body of GET /v1/models/NAME: any model is answered, so each is there."""
    return orjson.dumps(_model(name, created))


def plain(written: Written) -> bytes:
    """The body of an answer."""
    return orjson.dumps(DIALECTS[written.api].answer(written))


def written_for(asked: Asked, api: Api, call_id: str, created: int, text: str) -> Written:
    """`text` as the answer to `asked`, cut by its max_tokens."""
    whole = Written(
        api,
        f"{DIALECTS[api].id_prefix}{call_id}",
        created,
        asked.model,
        asked.prompt_tokens,
        text,
        count_tokens(text),
        "stop",
    )
    return whole.cut(asked.max_tokens)


def _model(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": "asyncsynth-simulator"}
