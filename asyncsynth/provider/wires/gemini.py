"""Google's generateContent: candidates, of which the first one counts; whole or in events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from asyncsynth.provider.answers import USUAL_RULES, AnswerRules, Written
from asyncsynth.provider.classify import About
from asyncsynth.provider.contents import text_of
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.wires.parameters import placed
from asyncsynth.provider.wires.parsing import parsed
from asyncsynth.provider.wires.wire import NO_HEADERS, encoded, turns_of
from asyncsynth.values import Answer, Fault, Request

_ROLES = {"user": "user", "assistant": "model"}


class GenerateContent:
    """A Wire. The model stands in the path; parameters belong into generationConfig, but for those of the request."""

    __slots__ = ("_prefix", "model", "path")
    headers = NO_HEADERS

    def __init__(self, model: str, parameters: Mapping[str, Any]) -> None:
        self.model = model
        self.path = f"/{quote(model if '/' in model else f'models/{model}')}:generateContent"
        self._prefix = encoded(placed(parameters))[:-1] + b","

    def body(self, request: Request) -> bytes:
        system = b"" if request.system is None else b'"systemInstruction":' + encoded(_content(request.system)) + b","
        said = encoded([{"role": _ROLES[turn.role], **_content(turn.content)} for turn in turns_of(request)])
        return self._prefix + system + b'"contents":' + said + b"}"

    def parse(
        self, reply: HttpReply, request: Request, about: About, now: float, rules: AnswerRules = USUAL_RULES
    ) -> Answer | Fault:
        return parsed(reply, request, about, now, read_candidates, put_together, rules)


def read_candidates(tree: Any) -> Written | None:
    """What the first candidate says; None where it is an error, a blocked prompt, or the tree no answer of this API."""
    if type(tree) is not dict or not ("candidates" in tree or "usageMetadata" in tree) or _blocked(tree):
        return None
    candidates = tree.get("candidates") or []
    candidate = candidates[0] if type(candidates) is list and candidates else {}
    if type(candidate) is not dict:
        return None
    content = candidate.get("content")
    text, thoughts = text_of(content.get("parts") or [] if type(content) is dict else [])
    return Written(
        text,
        thoughts,
        "",
        candidate.get("finishReason"),
        tree.get("usageMetadata"),
        tree.get("modelVersion"),
        tree.get("responseId"),
        candidates,
    )


def put_together(events: Sequence[Any]) -> Any:
    """The reply that a stream of partial ones makes; None where they are something else."""
    whole: dict[str, Any] = {}
    parts: list[Any] = []
    candidate: dict[str, Any] = {}
    for event in events:
        if not isinstance(event, dict):
            return None
        whole |= event
        match event.get("candidates"):
            case [dict(piece), *_]:
                candidate |= piece
                content = piece.get("content")
                parts += content.get("parts") or [] if isinstance(content, dict) else []
    if candidate:
        whole["candidates"] = [candidate | {"content": {"parts": parts, "role": "model"}}]
    return whole or None


def _content(text: str) -> dict[str, Any]:
    return {"parts": [{"text": text}]}


def _blocked(tree: Mapping[str, Any]) -> bool:
    feedback = tree.get("promptFeedback")
    return not tree.get("candidates") and type(feedback) is dict and bool(feedback.get("blockReason"))
