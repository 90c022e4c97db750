"""What the body of a refusal says, whoever wrote it: OpenAI, Anthropic, Google, Azure, OpenRouter, vLLM, a proxy.

Codes are taken from the fields that hold codes and nowhere else: the text of a message is for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct

_CODE_FIELDS = ("code", "type", "status", "error_type", "reason", "__type", "error_code", "errorCode", "err_code")
_STATUS_FIELDS = ("code", "status", "status_code", "statusCode", "http_code", "http_status")
_WAIT_FIELDS = ("retryDelay", "retry_after", "retry_after_seconds", "retryAfter")
_MESSAGE_FIELDS = (
    "message", "detail", "msg", "error_description", "error_message", "error_msg", "errorMessage", "status_msg",
    "title", "error", "errors", "base_resp",
)  # fmt: skip
# Where further errors stand within one; never `message`, which quotes what others said.
_NESTS = ("error", "innererror", "details", "detail", "errors", "violations", "base_resp")
_ANSWERS = ("choices", "output", "candidates")  # where a part of an answer stands
_OF_DAYS = "Per(?:Day|Week|Month)"  # in the names of Google's quotas
_DEPTH = 4  # levels within an error that are looked at; a hostile body nests a thousand
_WIDTH = 16  # members of a list that are looked at
BLOCKED = "promptFeedback.blockReason"
_SMALLEST_CODE = 1000  # of codes that are numbers; below stand HTTP statuses and 0 for none


class ErrorBody(Struct, frozen=True):
    """The codes that stand in the body's fields, the HTTP status that it names, and the text for people."""

    codes: frozenset[str] = frozenset()
    status: int | None = None
    message: str = ""
    within_answer: bool = False  # beside a part of an answer, which may be charged
    page: bool = False  # a page for people
    wait: str | None = None  # how long to wait, in a form that headers have, too
    headers: Mapping[str, str] = MappingProxyType({})  # of limits, which some gateways put into the body


def error_of(tree: Any) -> ErrorBody:
    """What the body of a reply with an error status says; empty where it is in no shape that is known.

    {"error": {"message", "type", "code"}}         OpenAI, llama.cpp; `code` a number for OpenRouter, a text for Azure,
                                                   which adds `innererror`; OpenRouter adds `metadata`
    {"type": "error", "error": {"type"}}           Anthropic, whose `details.error_code` says more than the type
    {"error": {"status", "details": [...]}}        Google: ErrorInfo, QuotaFailure, RetryInfo; also within a list
    {"object": "error", "code": 400, "type"}       vLLM, Mistral
    {"error": "..."}, {"detail": ...}, {"message"} Ollama, FastAPI, gateways
    {"base_resp": {"status_code", "status_msg"}}   MiniMax
    {"status": "failed", "error": {"code"}}        OpenAI's Responses, with status 200
    """
    tree = _first(tree)
    if not isinstance(tree, dict):
        return ErrorBody()
    within = _error_in_choice(tree)
    errors = [*(() if within is None else _walk(within)), *_walk(tree)]
    errors.sort(key=lambda error: error is tree)  # the innermost know best, the envelope least
    return ErrorBody(
        frozenset(code for error in errors for code in _codes(error)),
        next((status for error in errors if (status := _status(error)) is not None), None),
        _message(within or tree),
        within_answer=within is not None or any(tree.get(name) for name in _ANSWERS),
        wait=next((wait for error in errors if (wait := _wait(error)) is not None), None),
        headers=next((headers for error in errors if (headers := _headers(error))), {}),
    )


def error_in_success(tree: Any) -> ErrorBody | None:
    """The error that a reply with status 200 calls one, or None."""
    if type(tree) is list:
        tree = _first(tree)
    if type(tree) is dict and (
        tree.get("error")
        or tree.get("object") == "error"
        or tree.get("type") == "error"
        or tree.get("status") == "failed"
    ):
        return error_of(tree)
    return None


def error_instead(tree: Any) -> ErrorBody | None:
    """The error in a reply with status 200 that is no answer: whatever has words for people, or denies success.

    {"choices": [{"error": ...}]}, {"promptFeedback": {"blockReason": ...}},
    {"detail": ...}, {"code": 1113, "message": ..., "success": false}
    """
    tree = _first(tree)
    if not isinstance(tree, dict):
        return None
    if (reason := _why_blocked(tree)) is not None:
        return ErrorBody(frozenset({BLOCKED}), message=reason)
    error = error_of(tree)
    return error if error.message or tree.get("success") is False else None


def _why_blocked(tree: Mapping[str, Any]) -> str | None:
    """Gemini's word for why it did not take a prompt, which it tells with a status of 200 and no candidate."""
    feedback = tree.get("promptFeedback")
    reason = feedback.get("blockReason") if isinstance(feedback, dict) else None
    if not isinstance(feedback, dict) or not isinstance(reason, str) or tree.get("candidates"):
        return None
    words = feedback.get("blockReasonMessage")
    return f"{reason}: {words}" if isinstance(words, str) and words else reason


def _first(tree: Any) -> Any:
    return tree[0] if isinstance(tree, list) and tree else tree


def _error_in_choice(tree: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """OpenRouter reports an upstream that broke off within choices[0]."""
    choices = tree.get("choices")
    choice = choices[0] if type(choices) is list and choices else None
    error = choice.get("error") if type(choice) is dict else None
    if isinstance(error, str) and error:
        return {"message": error}
    return error if error and isinstance(error, dict) else None


def _walk(error: Any, depth: int = _DEPTH) -> Iterator[Mapping[str, Any]]:
    """The error itself and those that stand within it."""
    if isinstance(error, list):
        for member in error[:_WIDTH]:
            yield from _walk(member, depth)
    elif isinstance(error, dict):
        yield error
        if depth:
            for nest in _NESTS:
                if nest in error:
                    yield from _walk(error[nest], depth - 1)


def _codes(error: Mapping[str, Any]) -> Iterator[str]:
    for name in _CODE_FIELDS:
        code = error.get(name)
        if isinstance(code, str):
            yield code
        elif type(code) is int and code >= _SMALLEST_CODE:
            yield str(code)
    metadata = error.get("metadata")
    if isinstance(metadata, dict):  # OpenRouter's: what is there says what it is about
        yield from (f"metadata.{name}" for name in metadata if isinstance(name, str))
    quotas = error.get("quotaId"), metadata.get("quota_limit") if isinstance(metadata, dict) else None
    if any(isinstance(quota, str) and re.search(_OF_DAYS, quota) for quota in quotas):
        yield "quota.of_days"
    if type(code := error.get("status_code")) is int and code >= _SMALLEST_CODE and "status_msg" in error:
        yield f"base_resp.{code}"


def _status(error: Mapping[str, Any]) -> int | None:
    for name in _STATUS_FIELDS:
        value = error.get(name)
        if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return None


def _wait(error: Mapping[str, Any]) -> str | None:
    for name in _WAIT_FIELDS:
        value = error.get(name)
        if isinstance(value, str) or type(value) in (int, float):
            return str(value)
    return None


def _headers(error: Mapping[str, Any]) -> Mapping[str, str]:
    metadata = error.get("metadata")
    headers = metadata.get("headers") if isinstance(metadata, dict) else None
    if not isinstance(headers, dict):
        return {}
    return {name.lower(): str(value) for name, value in headers.items() if isinstance(name, str)}


def _message(error: Mapping[str, Any], depth: int = _DEPTH) -> str:
    if not depth:
        return ""
    for name in _MESSAGE_FIELDS:
        value = _first(error.get(name))  # FastAPI has a list of what is wrong
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, dict) and (nested := _message(value, depth - 1)):
            return nested
    return ""
