"""The envelope of OpenAI's chat and text completions: choices, of which the first one counts; whole or in events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from asyncsynth.provider.answers import Written
from asyncsynth.provider.contents import THOUGHTS_BESIDE, refusal_of, text_of, thoughts_beside
from asyncsynth.provider.json_reply import NotJson, read_json

# A reply within the envelope of a gateway; its choices stand one level deeper.
_ENVELOPES = ("data", "result", "response", "output", "body")


def read_choices(tree: Any) -> Written | None:
    """What the first choice says; None where it is an error, or the tree no answer of this API.

    The text stands in choices[0].message.content (chat) or choices[0].text (completions), whichever was asked.
    """
    choices = tree.get("choices") if type(tree) is dict else None
    if type(choices) is not list:
        return _within_envelope(tree)
    if not choices:
        return Written("", "", "", None, tree.get("usage"), tree.get("model"), tree.get("id"), choices)
    choice = choices[0]
    if type(choice) is not dict or choice.get("error"):
        return None
    message = choice.get("message")
    if type(message) is not dict:
        if "text" not in choice:
            return None
        message = choice
    content = message.get("content") if "content" in message else message.get("text")
    if type(content) is str:
        text, thoughts = content, ""
    else:
        text, thoughts = text_of(content)
    if not THOUGHTS_BESIDE.isdisjoint(message):
        thoughts = thoughts_beside(message, thoughts)
    return Written(
        text,
        thoughts,
        refusal_of(message) if message.get("refusal") or type(content) is list else "",
        choice.get("finish_reason") or choice.get("finishReason") or choice.get("stop_reason"),
        tree.get("usage") or choice.get("usage") or tree.get("usageMetadata"),  # some have it in the choice
        tree.get("model"),
        tree.get("id"),
        choices,
    )


def put_together(events: Sequence[Any]) -> dict[str, Any] | None:
    """The reply that a stream of chunks makes, in the shape of a whole one; None where they are something else."""
    whole: dict[str, Any] = {}
    contents: list[str] = []
    thoughts: list[str] = []
    choice: dict[str, Any] = {"finish_reason": None}
    message: dict[str, Any] = {}
    for event in events:
        if not isinstance(event, dict) or not isinstance(event.get("choices", []), list):
            return None
        whole |= {name: event[name] for name in ("error", "id", "model", "usage") if event.get(name)}
        if isinstance(groqs := event.get("x_groq"), dict) and groqs.get("usage"):
            whole["usage"] = groqs["usage"]
        for part in event.get("choices", ())[:1]:
            if not isinstance(part, dict) or part.get("index", 0) != 0:
                continue
            whole["choices"] = [choice]
            choice |= {name: part[name] for name in ("finish_reason", "error", "usage") if part.get(name)}
            if isinstance(part.get("message"), dict):  # a whole one within a stream
                contents.clear()
                thoughts.clear()
            delta = next((part[name] for name in ("delta", "message") if isinstance(part.get(name), dict)), part)
            text, skipped = text_of(delta.get("content") if "content" in delta else delta.get("text"))
            contents.append(text)
            thoughts.append(thoughts_beside(delta, skipped))
            if isinstance(refusal := delta.get("refusal"), str):
                message["refusal"] = message.get("refusal", "") + refusal
    if not whole:
        return None
    message |= {"content": "".join(contents), "reasoning_content": "".join(thoughts)}
    choice["message"] = message
    return whole


def _within_envelope(tree: Any) -> Written | None:
    """The answer in what a gateway put around it: a member, a list of one, or JSON as a text."""
    members = [tree.get(name) for name in _ENVELOPES] if type(tree) is dict else tree if type(tree) is list else [tree]
    contents = [_json_in(member) if type(member) is str else member for member in members]
    answers = [content for content in contents if type(content) is dict and type(content.get("choices")) is list]
    return read_choices(answers[0]) if len(answers) == 1 else None  # of two nobody knows which is meant


def _json_in(text: str) -> Any:
    try:
        return read_json(text.encode())[0] if text.startswith("{") else None
    except NotJson:
        return None
