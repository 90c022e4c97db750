"""What the model wrote and what it thought, apart: content as a text or as parts, and the fields beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# A part is text only if it says to be: thoughts come under any name (thinking, reasoning, redacted_thinking, ...).
_TEXT_TYPES = frozenset({"text", "output_text", None})
THOUGHTS_BESIDE = frozenset(
    {"reasoning_content", "reasoning", "reasoning_text", "reasoning_details", "thinking", "thinking_blocks", "thoughts"}
)
_WORDS_IN_A_PART = ("text", "thinking", "reasoning", "reasoning_content", "summary", "content", "thought", "value")
_DEPTH = 6  # levels of a part that are looked at


def text_of(content: Any) -> tuple[str, str]:
    """The text of a content, and what in it is no text, for people to look at; nothing for null."""
    if type(content) is str:
        return content, ""
    texts: list[str] = []
    skipped: list[str] = []
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            if _is_text(part):
                texts += _words(part["text"] if "text" in part else part.get("content"))
            else:
                skipped += _words(part)
    return "".join(texts), "\n".join(skipped)


def thoughts_beside(message: Mapping[str, Any], within: str) -> str:
    """What the model thought, `within` the content and in the fields beside it; the same words count once."""
    beside = ("\n".join(_words(message[name])) for name in message if name in THOUGHTS_BESIDE)
    return "\n".join(dict.fromkeys(filter(None, (*beside, within))))


def refusal_of(message: Mapping[str, Any]) -> str:
    """The words with which the model refused, from their own field or their own part; empty where it did not."""
    refusal = message.get("refusal")
    if refusal:
        return refusal if isinstance(refusal, str) else "refused"
    content = message.get("content")
    if type(content) is list:
        parts = (part.get("refusal") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _is_text(part: Mapping[str, Any]) -> bool:
    kind = part.get("type")
    return (kind is None or (isinstance(kind, str) and kind in _TEXT_TYPES)) and not part.get("thought")


def _words(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    """Every text in a part or a list of parts."""
    if isinstance(value, str):
        if value:
            yield value
    elif isinstance(value, list) and depth:
        for member in value:
            yield from _words(member, depth - 1)
    elif isinstance(value, dict) and depth:
        for name in _WORDS_IN_A_PART:
            if name in value:
                yield from _words(value[name], depth - 1)
