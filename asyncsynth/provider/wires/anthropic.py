"""Anthropic's Messages: blocks of content, the system text apart; whole or in events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import asdict

from asyncsynth.provider.answers import USUAL_RULES, AnswerRules, Written
from asyncsynth.provider.caching import CACHE_CONTROL
from asyncsynth.provider.classify import About
from asyncsynth.provider.contents import text_of
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.wires.parsing import parsed
from asyncsynth.provider.wires.wire import encoded, turns_of
from asyncsynth.values import Answer, Fault, Request

VERSION = "2023-06-01"
_DELTAS = {"text_delta": "text", "thinking_delta": "thinking"}  # the field that a delta of this type goes on with


class Messages:
    """A Wire. The service refuses requests without max_tokens, which the parameters must have.

    A cache_control among the parameters goes to the system text, where there is one: what is cached ends there, and
    what is said after it differs from request to request.
    """

    __slots__ = ("_control", "_prefix", "model")
    path = "/messages"
    headers: Mapping[str, str] = {"anthropic-version": VERSION}

    def __init__(self, model: str, parameters: Mapping[str, Any]) -> None:
        self.model = model
        self._control = encoded(parameters[CACHE_CONTROL]) if CACHE_CONTROL in parameters else None
        given = {name: value for name, value in parameters.items() if name != CACHE_CONTROL}
        self._prefix = encoded({"model": model, "stream": False, **given})[:-1]

    def body(self, request: Request) -> bytes:
        system = b"" if request.system is None else b',"system":' + encoded(request.system)
        if self._control is not None:
            system = self._cached(request.system, self._control)
        said = encoded([asdict(turn) for turn in turns_of(request)])
        return self._prefix + system + b',"messages":' + said + b"}"

    def _cached(self, system: str | None, control: bytes) -> bytes:
        if system is None:
            return b',"cache_control":' + control
        return b',"system":[{"type":"text","text":' + encoded(system) + b',"cache_control":' + control + b"}]"

    def parse(
        self, reply: HttpReply, request: Request, about: About, now: float, rules: AnswerRules = USUAL_RULES
    ) -> Answer | Fault:
        return parsed(reply, request, about, now, read_message, put_together, rules)


def read_message(tree: Any) -> Written | None:
    """What the blocks say; None where it is an error, or the tree no answer of this API."""
    content = tree.get("content") if type(tree) is dict else None
    if type(content) is not list or "stop_reason" not in tree:
        return None
    text, thoughts = text_of(content)
    return Written(
        text,
        thoughts,
        _refusal(tree),
        tree["stop_reason"],
        tree.get("usage"),
        tree.get("model"),
        tree.get("id"),
        content,
    )


def put_together(events: Sequence[Any]) -> Any:
    """The message that a stream of events makes; its error, where one came; None where they are something else."""
    whole: dict[Any, Any] = {}
    blocks: dict[Any, dict[Any, Any]] = {}
    for event in events:
        match event:
            case {"type": "error"}:
                return event
            case {"type": "message_start", "message": dict(message)}:
                whole = {**message}
            case {"type": "content_block_start", "index": index, "content_block": dict(block)}:
                blocks[index] = dict(block)
            case {"type": "content_block_delta", "index": index, "delta": {"type": str(kind), **delta}}:
                field = _DELTAS.get(kind, "")
                block = blocks.setdefault(index, {"type": field})
                if isinstance(piece := delta.get(field), str):
                    block[field] = block.get(field, "") + piece
            case {"type": "message_delta", "delta": dict(delta)}:
                whole |= delta
                whole["usage"] = (whole.get("usage") or {}) | (event.get("usage") or {})
    return whole | {"content": list(blocks.values())} if whole else None


def _refusal(tree: Mapping[str, Any]) -> str:
    """Why the model refused, in the service's words; empty where it did not."""
    details = tree.get("stop_details")
    if tree["stop_reason"] != "refusal" or type(details) is not dict:
        return ""
    words = details.get("explanation") or details.get("category")
    return words if type(words) is str else ""
