"""Google's generateContent: candidates; a wait stands in the body, and no header tells a limit."""

from __future__ import annotations

import math
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
    events,
    pieces,
)
from asyncsynth.servers.simulator.dialects.schemas import of_googles
from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.servers.simulator.written import Written

_FINISH_REASONS = {
    "stop": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
    "abort": "OTHER",
    "error": "MALFORMED_RESPONSE",
}
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_TYPE = "type.googleapis.com/google.rpc."
_KNOWN = frozenset({
    "contents", "systemInstruction", "generationConfig", "safetySettings", "tools", "toolConfig", "cachedContent",
    "labels", "serviceTier", "store",
})  # fmt: skip
_KNOWN_CONFIG = frozenset({
    "temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "responseLogprobs", "logprobs",
    "presencePenalty", "frequencyPenalty", "seed", "responseMimeType", "responseSchema", "responseJsonSchema",
    "responseModalities", "mediaResolution", "speechConfig", "thinkingConfig", "imageConfig",
})  # fmt: skip


class GenerateContent:
    """A Dialect. The model stands in the path of a request."""

    own: ClassVar[Mapping[FaultKind, Own]] = {
        FaultKind.UNAUTHORIZED: Own(
            400,
            lambda _: _error(
                400,
                "API key not valid. Please pass a valid API key.",
                {"@type": f"{_TYPE}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"},
            ),
        ),
        FaultKind.PAYMENT_REQUIRED_402: Own(
            403,
            lambda _: _error(
                403,
                "This API method requires billing to be enabled.",
                {"@type": f"{_TYPE}ErrorInfo", "reason": "BILLING_DISABLED", "domain": "googleapis.com"},
            ),
        ),
        # The delay beside a quota by the day means nothing.
        FaultKind.DAILY_QUOTA_429: Own(
            429,
            lambda _: _error(
                429,
                "You exceeded your current quota.",
                _quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
                _retry_info(38.0),
            ),
        ),
        FaultKind.PROMPT_BLOCKED: Own(
            200,
            lambda written: {
                "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
                "usageMetadata": _usage(written),
                "modelVersion": written.model,
                "responseId": written.id,
            },
        ),
    }
    id_prefix = ""

    def texts(self, tree: Mapping[str, Any]) -> Texts | Invalid:
        config = tree.get("generationConfig", {})
        unknown = sorted(tree.keys() - _KNOWN - {"model"})
        unknown += sorted(config.keys() - _KNOWN_CONFIG) if isinstance(config, dict) else ["generationConfig"]
        if unknown:
            return Invalid(f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.')
        system = _text_of(tree.get("systemInstruction", {"parts": []}))
        contents = tree.get("contents")
        if system is None or not isinstance(contents, list) or not contents:
            return Invalid("* GenerateContentRequest.contents: contents is not specified")
        texts = [_text_of(content) for content in contents]
        roles = [content.get("role", "user") if isinstance(content, dict) else None for content in contents]
        if not set(roles) <= {"user", "model"}:
            return Invalid("Please use a valid role: user, model.")
        said = [text for text in texts if text is not None]
        if len(said) < len(texts):
            return Invalid("* GenerateContentRequest.contents: parts must not be empty")
        asked = [text for text, role in zip(said, roles, strict=True) if role == "user"]
        return Texts(asked[-1] if asked else said[-1], system + "".join(said))

    def max_tokens(self, tree: Mapping[str, Any]) -> Any:
        return tree.get("generationConfig", {}).get("maxOutputTokens")

    def schema(self, tree: Mapping[str, Any]) -> Mapping[str, Any] | Invalid | None:
        return of_googles(tree.get("generationConfig", {}))

    def answer(self, written: Written) -> dict[str, Any]:
        parts: list[dict[str, Any]] = []
        if written.thoughts is not None:
            parts.append({"text": written.thoughts, "thought": True})
        if written.text is not None or written.refusal is not None:  # it refuses in plain text, or by SAFETY
            parts.append({"text": written.text if written.refusal is None else written.refusal})
        finish = "SAFETY" if written.refusal is not None else _FINISH_REASONS[written.finish_reason]
        candidate = {"content": {"parts": parts, "role": "model"}, "finishReason": finish, "index": 0}
        if not parts:
            del candidate["content"]
        tree: dict[str, Any] = {"candidates": [candidate] if written.chosen else []}
        if written.counted:
            tree["usageMetadata"] = _usage(written)
        return tree | {"modelVersion": written.model, "responseId": written.id}

    def stream(self, written: Written) -> bytes:
        whole = self.answer(written)
        finish = whole["candidates"][0]["finishReason"]
        chunks = []
        for piece in pieces(written.text):
            content = {"parts": [{"text": piece}], "role": "model"}
            chunks.append({**whole, "candidates": [{"content": content, "index": 0}]})
        chunks.append({**whole, "candidates": [{"finishReason": finish, "index": 0}]})
        return events(chunks)

    def failure(self, status: int, failure: Failure, wait_s: float | None = None) -> bytes:
        quota = _quota("GenerateRequestsPerMinutePerProjectPerModel")
        details = () if wait_s is None else (quota, _retry_info(wait_s))
        return orjson.dumps(_error(status, failure.message, *details))

    def wait_headers(self, _wait_s: float) -> Headers:
        return ()

    def limit_headers(self, _limits: Sequence[LimitState], _now: float) -> Headers:
        return ()


def _text_of(content: Any) -> str | None:
    parts = content.get("parts") if isinstance(content, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) and "text" in part for part in parts):
        return None
    return "".join(str(part["text"]) for part in parts)


def _usage(written: Written) -> dict[str, Any]:
    """Thoughts are counted beside the candidates."""
    usage = {
        "promptTokenCount": written.prompt_tokens,
        "candidatesTokenCount": written.completion_tokens - written.thought_tokens,
        "thoughtsTokenCount": written.thought_tokens,
        "cachedContentTokenCount": written.cached_tokens,
        "totalTokenCount": written.prompt_tokens + written.completion_tokens,
    }
    # What is zero is left out, but for the prompt.
    return {name: count for name, count in usage.items() if count or name == "promptTokenCount"}


def _error(status: int, message: str, *details: Mapping[str, Any]) -> dict[str, Any]:
    word = _STATUS.get(status, "INTERNAL" if status >= 500 else "INVALID_ARGUMENT")
    return {"error": {"code": status, "message": message, "status": word, "details": details}}


def _quota(quota_id: str) -> dict[str, Any]:
    return {"@type": f"{_TYPE}QuotaFailure", "violations": [{"quotaId": quota_id}]}


def _retry_info(wait_s: float) -> dict[str, Any]:
    seconds = 60.0 if math.isinf(wait_s) else math.ceil(wait_s * 1000) / 1000
    return {"@type": f"{_TYPE}RetryInfo", "retryDelay": f"{seconds:g}s"}
