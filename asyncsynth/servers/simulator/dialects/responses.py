"""OpenAI's Responses: items of output; what failed is told with status 200."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

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
)
from asyncsynth.servers.simulator.dialects.openai import failure_body, limit_headers
from asyncsynth.servers.simulator.dialects.schemas import of_openais
from asyncsynth.servers.simulator.durations import retry_headers
from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.servers.simulator.written import Written

_TYPES = ("input_text", "output_text", "text")
_ROLES = ("system", "developer", "user", "assistant")
# Neutral finish reason -> status, and the reason why it is incomplete.
_STATUS = {
    "stop": ("completed", None),
    "length": ("incomplete", "max_output_tokens"),
    "content_filter": ("incomplete", "content_filter"),
    "abort": ("cancelled", None),
    "error": ("failed", None),
}
_SERVER_ERROR = {"code": "server_error", "message": "The server had an error while processing your request."}
_INVALID_PROMPT = {"code": "invalid_prompt", "message": "Your prompt was flagged as potentially violating our policy."}


class Responses:
    """A Dialect."""

    own: ClassVar[Mapping[FaultKind, Own]] = {
        FaultKind.ERROR_IN_200: Own(200, lambda written: _failed(written, _SERVER_ERROR)),
        FaultKind.PROMPT_BLOCKED: Own(200, lambda written: _failed(written, _INVALID_PROMPT)),
    }
    id_prefix = "resp_"

    def texts(self, tree: Mapping[str, Any]) -> Texts | Invalid:
        given, instructions = tree.get("input"), tree.get("instructions") or ""
        if not isinstance(instructions, str):
            return Invalid("Invalid type for 'instructions': expected a string.", "instructions", "invalid_type")
        said = Texts(given, given) if isinstance(given, str) else dialogue(given, "input", _ROLES, *_TYPES)
        return said if isinstance(said, Invalid) else Texts(said.prompt, instructions + said.everything)

    def max_tokens(self, tree: Mapping[str, Any]) -> Any:
        return tree.get("max_output_tokens")

    def schema(self, tree: Mapping[str, Any]) -> Mapping[str, Any] | Invalid | None:
        text = tree.get("text")
        given = text.get("format") if isinstance(text, dict) else None
        return of_openais(given, given, "text.format")

    def answer(self, written: Written) -> dict[str, Any]:
        status, why = _STATUS[written.finish_reason]
        return {
            "id": written.id,
            "object": "response",
            "created_at": written.created,
            "status": status,
            "error": _SERVER_ERROR if status == "failed" else None,
            "incomplete_details": None if why is None else {"reason": why},
            "instructions": None,
            "model": written.model,
            "output": _output(written) if written.chosen else [],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": _usage(written) if written.counted else None,
        }

    def stream(self, written: Written) -> bytes:
        whole = self.answer(written)
        started = {**whole, "status": "in_progress", "output": [], "usage": None}
        deltas = [{"type": "response.output_text.delta", "delta": piece} for piece in pieces(written.text)]
        last = {"type": f"response.{whole['status']}", "response": whole}
        return events([{"type": "response.created", "response": started}, *deltas, last], named=True)

    def failure(self, _status: int, failure: Failure, _wait_s: float | None = None) -> bytes:
        return failure_body(failure)

    def wait_headers(self, wait_s: float) -> Headers:
        return retry_headers(wait_s)

    def limit_headers(self, limits: Sequence[LimitState], _now: float) -> Headers:
        return limit_headers(limits)


def _output(written: Written) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    if written.text is not None:
        parts.append({"type": "output_text", "text": written.text, "annotations": []})
    if written.refusal is not None:
        parts.append({"type": "refusal", "refusal": written.refusal})
    status = "completed" if written.finish_reason == "stop" else "incomplete"
    message = {"id": f"msg_{written.id}", "type": "message", "role": "assistant", "status": status, "content": parts}
    if written.thoughts is None:
        return [message]
    summary = [{"type": "summary_text", "text": written.thoughts}]
    reasoning = {"id": f"rs_{written.id}", "type": "reasoning", "summary": summary}
    return [reasoning] if written.text is None else [reasoning, message]


def _usage(written: Written) -> dict[str, Any]:
    return {
        "input_tokens": written.prompt_tokens,
        "input_tokens_details": {"cached_tokens": written.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": written.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": written.thought_tokens},
        "total_tokens": written.prompt_tokens + written.completion_tokens,
    }


def _failed(written: Written, error: Mapping[str, Any]) -> dict[str, Any]:
    whole = Responses().answer(replace(written, finish_reason="error", chosen=False, counted=False))
    return whole | {"error": error}
