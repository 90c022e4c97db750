"""Anthropic's Messages: blocks of content; input and output are limited apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import orjson
from msgspec.structs import replace

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
    text_in,
    whole_seconds,
)
from asyncsynth.servers.simulator.dialects.schemas import of_anthropics
from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.servers.simulator.written import Written

# Neutral finish reason -> stop_reason; there is no filter that cuts an answer, and the model refuses instead.
_STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "content_filter": "refusal",
    "abort": "pause_turn",
    "error": "pause_turn",
}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_KNOWN = frozenset({
    "max_tokens", "messages", "model", "cache_control", "container", "diagnostics", "inference_geo", "metadata",
    "output_config", "service_tier", "speed", "stop_sequences", "stream", "system", "temperature", "thinking",
    "tool_choice", "tools", "top_k", "top_p",
})  # fmt: skip
_FILTERED = {
    "type": "refusal",
    "category": "general_harms",
    "explanation": "[simulated] This request was stopped by a classifier.",
}


class Messages:
    """A Dialect."""

    own: ClassVar[Mapping[FaultKind, Own]] = {
        FaultKind.INSUFFICIENT_QUOTA: Own(
            400,
            lambda _: _error(
                400,
                "Your credit balance is too low to access the Anthropic API.",
                error_code="credit_balance_exhausted",
            ),
        ),
        FaultKind.SPEND_LIMIT_429: Own(
            429,
            lambda _: _error(429, "You have reached your API usage limits.", error_code="enforced_spend_limit_reached"),
        ),
        FaultKind.PROMPT_BLOCKED: Own(
            200,
            lambda written: Messages().answer(
                replace(written, text=None, finish_reason="content_filter", chosen=False)
            ),
        ),
    }
    id_prefix = "msg_"

    def texts(self, tree: Mapping[str, Any]) -> Texts | Invalid:
        if unknown := sorted(tree.keys() - _KNOWN):
            return Invalid(f"{unknown[0]}: Extra inputs are not permitted")
        if "max_tokens" not in tree:
            return Invalid("max_tokens: Field required")
        system = text_in(tree.get("system", ""), "text")
        if system is None:
            return Invalid("system: Input should be a valid list or string")
        said = dialogue(tree.get("messages"), "messages", ("user", "assistant"), "text")
        if isinstance(said, Invalid):
            return said
        if tree["messages"][0]["role"] != "user":
            return Invalid("messages: first message must use the user role")
        return Texts(said.prompt, system + said.everything)

    def max_tokens(self, tree: Mapping[str, Any]) -> Any:
        return tree.get("max_tokens")

    def schema(self, tree: Mapping[str, Any]) -> Mapping[str, Any] | Invalid | None:
        config = tree.get("output_config")
        return of_anthropics(config.get("format") if isinstance(config, dict) else None)

    def answer(self, written: Written) -> dict[str, Any]:
        blocks: list[dict[str, Any]] = []
        if written.thoughts is not None:
            blocks.append({"type": "thinking", "thinking": written.thoughts, "signature": "c2ltdWxhdGVk"})
        if written.text is not None:
            blocks.append({"type": "text", "text": written.text})
        refused = written.refusal is not None or written.finish_reason == "content_filter"
        tree: dict[str, Any] = {
            "id": written.id,
            "type": "message",
            "role": "assistant",
            "model": written.model,
            "content": blocks if written.chosen else [],
            "stop_reason": "refusal" if refused else _STOP_REASONS[written.finish_reason],
            "stop_sequence": None,
        }
        if refused:
            tree["stop_details"] = _FILTERED | ({"explanation": written.refusal} if written.refusal else {})
        return tree | {"usage": _usage(written)} if written.counted else tree

    def stream(self, written: Written) -> bytes:
        whole = self.answer(written)
        usage = whole.get("usage", {})
        started = {**whole, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
        deltas = [
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
            for piece in pieces(written.text)
        ]
        ended = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        trees = [
            {"type": "message_start", "message": started},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "ping"},
            *deltas,
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": ended, "usage": {"output_tokens": usage.get("output_tokens", 0)}},
            {"type": "message_stop"},
        ]
        return events(trees, named=True)

    def failure(self, status: int, failure: Failure, _wait_s: float | None = None) -> bytes:
        return orjson.dumps(_error(status, failure.message))

    def wait_headers(self, wait_s: float) -> Headers:
        return (("retry-after", str(whole_seconds(wait_s))),)

    def limit_headers(self, limits: Sequence[LimitState], now: float) -> Headers:
        headers: list[tuple[str, str]] = []
        for kind, limit, remaining, reset_s in limits:
            moment = datetime.fromtimestamp(math.floor(now), UTC) + timedelta(seconds=math.ceil(reset_s))
            headers += (
                (f"anthropic-ratelimit-{kind}-limit", str(limit)),
                (f"anthropic-ratelimit-{kind}-remaining", str(remaining)),
                (f"anthropic-ratelimit-{kind}-reset", f"{moment:%Y-%m-%dT%H:%M:%SZ}"),
            )
        return tuple(headers)


def _error(status: int, message: str, **details: str) -> dict[str, Any]:
    kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    error = {"type": kind, "message": message} | ({"details": details} if details else {})
    return {"type": "error", "error": error, "request_id": "req_simulated"}


def _usage(written: Written) -> dict[str, Any]:
    """What was read from the cache is counted beside the input."""
    usage: dict[str, Any] = {
        "input_tokens": written.prompt_tokens - written.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": written.cached_tokens,
        "output_tokens": written.completion_tokens,
        "service_tier": "standard",
    }
    if written.thought_tokens:
        usage["output_tokens_details"] = {"thinking_tokens": written.thought_tokens}
    return usage
