"""OpenAI's chat and text completions, and what its APIs share: errors and headers of limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import orjson

from asyncsynth.servers.simulator.dialects.dialect import (
    Failure,
    Headers,
    Invalid,
    LimitState,
    Own,
    Texts,
    dialogue,
    events,
    pieces,
)
from asyncsynth.servers.simulator.dialects.schemas import of_openais
from asyncsynth.servers.simulator.durations import duration, retry_headers
from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.servers.simulator.written import Written

DONE = b"data: [DONE]\n\n"
_ROLES = ("system", "developer", "user", "assistant", "tool")
_BROKE_OFF = {"code": 502, "message": "Provider disconnected.", "metadata": {"error_type": "provider_unavailable"}}


def failure_body(failure: Failure) -> bytes:
    """{"error": {"message", "type", "param", "code"}}"""
    return orjson.dumps(
        {
            "error": {
                "message": failure.message,
                "type": failure.kind,
                "param": failure.param,
                "code": failure.code,
            }
        }
    )


def limit_headers(limits: Sequence[LimitState]) -> Headers:
    """x-ratelimit-*"""
    headers: list[tuple[str, str]] = []
    for kind, limit, remaining, reset_s in limits:
        headers += (
            (f"x-ratelimit-limit-{kind}", str(limit)),
            (f"x-ratelimit-remaining-{kind}", str(remaining)),
            (f"x-ratelimit-reset-{kind}", duration(reset_s)),
        )
    return tuple(headers)


def usage_of(written: Written) -> dict[str, Any]:
    """The usage of completions, with details only where there is something to tell."""
    usage: dict[str, Any] = {
        "prompt_tokens": written.prompt_tokens,
        "completion_tokens": written.completion_tokens,
        "total_tokens": written.prompt_tokens + written.completion_tokens,
    }
    if written.told_apart:
        usage["completion_tokens"] -= written.thought_tokens
    if written.thought_tokens:
        usage["completion_tokens_details"] = {"reasoning_tokens": written.thought_tokens}
    if written.cached_tokens:
        usage["prompt_tokens_details"] = {"cached_tokens": written.cached_tokens}
    if written.cost_usd is not None:  # OpenRouter's
        usage |= {"cost": written.cost_usd, "is_byok": False}
    return usage


class Completions:
    """A Dialect, of text completions."""

    own: ClassVar[Mapping[FaultKind, Own]] = {}
    id_prefix = "cmpl-"
    _kind = "text_completion"

    def texts(self, tree: Mapping[str, Any]) -> Texts | Invalid:
        prompt = tree.get("prompt")
        if isinstance(prompt, list) and len(prompt) == 1:
            prompt = prompt[0]
        if not isinstance(prompt, str):
            return Invalid("Missing required parameter or wrong type: 'prompt' must be one string.", "prompt")
        return Texts(prompt, prompt)

    def max_tokens(self, tree: Mapping[str, Any]) -> Any:
        return tree.get("max_completion_tokens") or tree.get("max_tokens")

    def schema(self, _tree: Mapping[str, Any]) -> Mapping[str, Any] | Invalid | None:
        return None

    def answer(self, written: Written) -> dict[str, Any]:
        choice = self._choice(written) | ({"error": _BROKE_OFF} if written.finish_reason == "error" else {})
        tree = {
            "id": written.id,
            "object": self._kind,
            "created": written.created,
            "model": written.model,
            "choices": [choice] if written.chosen else [],
        }
        return tree | {"usage": usage_of(written)} if written.counted else tree

    def stream(self, written: Written) -> bytes:
        """The usage comes in the last chunk, which has no choices."""
        whole = self.answer(written)
        choices = [self._chunk(piece, None) for piece in pieces(written.text)]
        choices.append(self._chunk("", written.finish_reason))
        chunks = [{**whole, "choices": [choice], "usage": None} for choice in choices]
        return events([*chunks, {**whole, "choices": []}]) + DONE

    def failure(self, _status: int, failure: Failure, _wait_s: float | None = None) -> bytes:
        return failure_body(failure)

    def wait_headers(self, wait_s: float) -> Headers:
        return retry_headers(wait_s)

    def limit_headers(self, limits: Sequence[LimitState], _now: float) -> Headers:
        return limit_headers(limits)

    def _choice(self, written: Written) -> dict[str, Any]:
        """Its shape has no place for a refusal, which stands beside the text."""
        choice = {"text": written.text, "index": 0, "logprobs": None, "finish_reason": written.finish_reason}
        return choice | ({"refusal": written.refusal} if written.refusal else {})

    def _chunk(self, text: str, finish_reason: str | None) -> dict[str, Any]:
        return {"index": 0, "finish_reason": finish_reason, "text": text}


class Chat(Completions):
    """A Dialect, of chat completions."""

    id_prefix = "chatcmpl-"
    _kind = "chat.completion"

    def texts(self, tree: Mapping[str, Any]) -> Texts | Invalid:
        return dialogue(tree.get("messages"), "messages", _ROLES, "text")

    def schema(self, tree: Mapping[str, Any]) -> Mapping[str, Any] | Invalid | None:
        given = tree.get("response_format")
        described = given.get("json_schema") if isinstance(given, dict) else None
        return of_openais(given, described, "response_format")

    def _choice(self, written: Written) -> dict[str, Any]:
        message = {"role": "assistant", "content": written.text, "refusal": written.refusal}
        if written.thoughts is not None:
            message["reasoning_content"] = written.thoughts
        return {"index": 0, "message": message, "logprobs": None, "finish_reason": written.finish_reason}

    def _chunk(self, text: str, finish_reason: str | None) -> dict[str, Any]:
        return {"index": 0, "finish_reason": finish_reason, "delta": {"content": text}}
