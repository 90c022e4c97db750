"""What the body of a refusal says, whoever wrote it: OpenAI, Anthropic, Azure, OpenRouter, vLLM, Google, a proxy.

Codes are taken from the fields that hold codes and nowhere else: the text of a message is for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

_CODE_FIELDS = ("code", "type", "status", "error_type", "reason", "__type")
_STATUS_FIELDS = ("code", "status", "status_code", "statusCode")
_MESSAGE_FIELDS = ("message", "detail", "msg", "error_description", "title", "error")
_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_HTML_BEGINNINGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")
_LOOKED_AT = 4096  # bytes of a page or of plain text
_DEPTH = 4  # levels within an error that are looked at; a hostile body nests a thousand


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """The codes that stand in the body's fields, the HTTP status that it names, and the text for people."""

    codes: frozenset[str] = frozenset()
    status: int | None = None
    message: str = ""
    within_answer: bool = False  # beside a part of an answer, which may be charged


def error_of(tree: Any) -> ErrorBody:
    """What the body of a reply with an error status says; empty where it is in no shape that is known.

    {"error": {"message", "type", "code"}}         OpenAI, llama.cpp; `code` a number for OpenRouter, a text for Azure,
                                                   which adds `innererror`; OpenRouter adds `metadata`
    {"type": "error", "error": {"type"}}           Anthropic
    {"object": "error", "code": 400, "type"}       vLLM, Mistral
    {"error": "..."}, {"detail": ...}, {"message"} Ollama, FastAPI, gateways; [{"error": ...}] is Google's
    """
    if isinstance(tree, list) and tree:
        tree = tree[0]
    if not isinstance(tree, dict):
        return ErrorBody()
    error = tree.get("error")
    if isinstance(error, dict):
        return _described(error)
    if (choice_error := _error_in_choice(tree)) is not None:
        return replace(_described(choice_error), within_answer=True)
    return _described(tree)


def error_in_success(tree: Any) -> ErrorBody | None:
    """The error that a reply with status 200 carries instead of an answer, or None."""
    if isinstance(tree, list) and tree:
        tree = tree[0]
    if not isinstance(tree, dict):
        return None
    if tree.get("error") or "error" in (tree.get("object"), tree.get("type")) or _error_in_choice(tree) is not None:
        return error_of(tree)
    return None


def plain_message(body: bytes) -> str:
    """What a body that is no JSON says: the title of a page, else the text itself."""
    text = body[:_LOOKED_AT].decode("utf-8", "replace").strip()
    if is_html(None, body):
        title = _TITLE.search(text)
        return f"a page titled {title[1].strip()!r}" if title else "a page of HTML"
    return text


def is_html(content_type: str | None, body: bytes) -> bool:
    """Whether the reply is a page for people, by its type or by how it begins."""
    if content_type is not None and "html" in content_type.lower():
        return True
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML_BEGINNINGS)


def _error_in_choice(tree: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """OpenRouter reports an upstream that broke off within choices[0]."""
    choices = tree.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        error = choices[0].get("error")
        return error if isinstance(error, dict) and error else None
    return None


def _described(error: Mapping[str, Any]) -> ErrorBody:
    return ErrorBody(frozenset(_codes(error)), _status(error), _message(error))


def _codes(error: Mapping[str, Any], depth: int = _DEPTH) -> Iterator[str]:
    for field in _CODE_FIELDS:
        if isinstance(code := error.get(field), str):
            yield code
    if depth and isinstance(inner := error.get("innererror"), dict):  # Azure's, which nests
        yield from _codes(inner, depth - 1)
    if isinstance(metadata := error.get("metadata"), dict):  # OpenRouter's: what is there says what it is about
        yield from (f"metadata.{name}" for name in metadata if isinstance(name, str))


def _status(error: Mapping[str, Any]) -> int | None:
    for field in _STATUS_FIELDS:
        value = error.get(field)
        if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isdigit():
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return None


def _message(error: Mapping[str, Any], depth: int = _DEPTH) -> str:
    if not depth:
        return ""
    for field in _MESSAGE_FIELDS:
        value = error.get(field)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, list) and value and isinstance(value[0], dict):  # FastAPI's list of what is wrong
            return _message(value[0], depth - 1)
        if isinstance(value, dict) and (nested := _message(value, depth - 1)):
            return nested
    return ""
