"""The bodies that are sent, in the shapes of OpenAI's API: answers, errors, the list of models."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from asyncsynth.servers.simulator.limits import Headers, Refusal, duration, retry_headers
from asyncsynth.servers.simulator.requests import Asked, Invalid
from asyncsynth.servers.simulator.text import BYTES_PER_TOKEN, count_tokens
from asyncsynth.servers.simulator.windows import MINUTE
from asyncsynth.values import Api

JSON = ("content-type", "application/json")


class Written(NamedTuple):
    """What the model wrote for a call."""

    api: Api
    id: str
    created: int
    model: str
    prompt_tokens: int
    text: str
    completion_tokens: int
    finish_reason: str

    def cut(self, tokens: int) -> Written:
        """The same, ended by the limit after `tokens` tokens where it is longer."""
        if self.completion_tokens <= tokens:
            return self
        return self._replace(
            text=self.text[: tokens * BYTES_PER_TOKEN], completion_tokens=tokens, finish_reason="length"
        )


def answer(written: Written) -> dict[str, Any]:
    """The tree of a chat.completion or text_completion."""
    choice: dict[str, Any]
    if written.api == "chat":
        message = {"role": "assistant", "content": written.text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": written.finish_reason}
    else:
        choice = {"text": written.text, "index": 0, "logprobs": None, "finish_reason": written.finish_reason}
    return {
        "id": written.id,
        "object": "chat.completion" if written.api == "chat" else "text_completion",
        "created": written.created,
        "model": written.model,
        "choices": [choice],
        "usage": {
            "prompt_tokens": written.prompt_tokens,
            "completion_tokens": written.completion_tokens,
            "total_tokens": written.prompt_tokens + written.completion_tokens,
        },
    }


def error(message: str, kind: str, code: str | int | None = None, param: str | None = None) -> bytes:
    return orjson.dumps({"error": {"message": message, "type": kind, "param": param, "code": code}})


def invalid(why: Invalid) -> bytes:
    return error(why.message, "invalid_request_error", why.code, why.param)


def refused(refusal: Refusal, model: str) -> tuple[Headers, bytes]:
    """Headers and body of a 429, worded like OpenAI's."""
    unit = {"requests": "requests per min (RPM)", "tokens": "tokens per min (TPM)"}[refusal.kind]
    figures = f"Limit {refusal.limit}, Used {refusal.used}, Requested {refusal.requested}"
    if refusal.wait_s > MINUTE:
        message = f"Request too large for {model} on {unit}: {figures}. It can never be answered at this limit."
    else:
        message = (
            f"Rate limit reached for {model} on {unit}: {figures}. Please try again in {duration(refusal.wait_s)}."
        )
    return retry_headers(refusal.wait_s), error(message, refusal.kind, "rate_limit_exceeded")


def models(names: tuple[str, ...], created: int) -> bytes:
    """The body of GET /v1/models."""
    data = [_model(name, created) for name in names]
    return orjson.dumps({"object": "list", "data": data})


def model(name: str, created: int) -> bytes:
    """The body of GET /v1/models/NAME: any model is answered, so each is there."""
    return orjson.dumps(_model(name, created))


def plain(written: Written) -> bytes:
    """The body of an answer without a fault."""
    return orjson.dumps(answer(written))


def written_for(asked: Asked, api: Api, call_id: str, created: int, text: str) -> Written:
    """`text` as the answer to `asked`, cut by its max_tokens."""
    prefix = "chatcmpl" if api == "chat" else "cmpl"
    whole = Written(
        api, f"{prefix}-{call_id}", created, asked.model, asked.prompt_tokens, text, count_tokens(text), "stop"
    )
    return whole.cut(asked.max_tokens)


def _model(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": "asyncsynth-simulator"}
