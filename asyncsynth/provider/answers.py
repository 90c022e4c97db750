"""From the tree of a reply with status 2xx to what the model wrote, or to the reason why it can't be a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from asyncsynth.values import Api, Request, Usage

CHARACTERS_PER_TOKEN = 4  # of English, roughly; OpenAI's rule of thumb
MAX_PLAUSIBLE_TOKENS = 10**9  # of one call; beyond it the endpoint's count is not believed
_USAGE_FIELDS = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))


class Written(NamedTuple):
    """A usable answer; `model` is None where the reply names none."""

    text: str
    finish_reason: str
    usage: Usage
    model: str | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row of the fault table, what the call was charged, and what the model said instead."""

    reason: str
    usage: Usage | None
    detail: str = ""


def read_answer(tree: Any, api: Api, request: Request, *, keep_truncated: bool) -> Written | Rejected:
    """The first choice of `tree`. A missing or absurd usage is estimated from the characters of request and answer."""
    choices = tree.get("choices") if isinstance(tree, dict) else None
    if not isinstance(choices, list):
        return Rejected("no_answer", None)
    if not choices:
        return Rejected("empty_choices", _usage(tree, request, ""))
    choice = choices[0]
    message = _message(choice, api)
    if message is None:
        return Rejected("no_answer", None)
    content = message.get("content" if api == "chat" else "text")
    text = content if isinstance(content, str) else _joined(content)
    usage = _usage(tree, request, text)
    finish_reason = choice.get("finish_reason")
    if (reason := _why_not(text, finish_reason, message, keep_truncated=keep_truncated)) is not None:
        return Rejected(reason, usage, _said_instead(message, text))
    model = tree.get("model")
    return Written(
        text,
        finish_reason if isinstance(finish_reason, str) else "unknown",
        usage,
        model if isinstance(model, str) else None,
    )


def _message(choice: Any, api: Api) -> Mapping[str, Any] | None:
    """Where the text stands, and a refusal: in chat one level below the choice."""
    message = choice.get("message") if api == "chat" and isinstance(choice, dict) else choice
    return message if isinstance(message, dict) else None


def _why_not(text: str, finish_reason: Any, message: Mapping[str, Any], *, keep_truncated: bool) -> str | None:
    """The row of the fault table for an answer that was paid and can't be a record, or None."""
    if finish_reason == "content_filter":
        return "content_filter"
    if message.get("refusal"):
        return "refusal"
    if not text or text.isspace():
        return "null_content"
    if not keep_truncated and finish_reason == "length":
        return "truncated"
    return None


def _joined(content: Any) -> str:
    """The text parts of a content that comes as a list of parts; nothing for null."""
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _said_instead(message: Mapping[str, Any], text: str) -> str:
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal:
        return refusal
    if not text and (message.get("reasoning_content") or message.get("reasoning")):
        return "it reasoned and wrote nothing; is max_tokens large enough?"
    return ""


def _usage(tree: Mapping[str, Any], request: Request, text: str) -> Usage:
    given = tree.get("usage")
    if isinstance(given, dict):
        for prompt_field, completion_field in _USAGE_FIELDS:
            prompt, completion = _tokens(given.get(prompt_field)), _tokens(given.get(completion_field))
            if prompt is not None and completion is not None:
                return Usage(prompt, completion)
    asked = len(request.text) + len(request.system or "")
    return Usage(_estimate(asked), _estimate(len(text)), "estimate")


def _tokens(value: Any) -> int | None:
    plausible = type(value) in (int, float) and 0 <= value <= MAX_PLAUSIBLE_TOKENS  # True is no number
    return int(value) if plausible else None


def _estimate(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
