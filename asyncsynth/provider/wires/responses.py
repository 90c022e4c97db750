"""OpenAI's Responses: items of output, of which the messages are the answer; whole or in events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import asdict

from asyncsynth.provider.answers import USUAL_RULES, AnswerRules, Written
from asyncsynth.provider.classify import About
from asyncsynth.provider.contents import refusal_of, text_of
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.wires.parsing import parsed
from asyncsynth.provider.wires.wire import NO_HEADERS, encoded
from asyncsynth.values import Answer, Fault, Request


class Responses:
    """A Wire. That nothing shall be stored there is said, for the service would keep each answer for a month."""

    __slots__ = ("_prefix", "model")
    path = "/responses"
    headers = NO_HEADERS

    def __init__(self, model: str, parameters: Mapping[str, Any]) -> None:
        self.model = model
        self._prefix = encoded({"model": model, "stream": False, "store": False, **parameters})[:-1]

    def body(self, request: Request) -> bytes:
        system = b"" if request.system is None else b',"instructions":' + encoded(request.system)
        asked = encoded([asdict(turn) for turn in request.turns] or request.text)
        return self._prefix + system + b',"input":' + asked + b"}"

    def parse(
        self, reply: HttpReply, request: Request, about: About, now: float, rules: AnswerRules = USUAL_RULES
    ) -> Answer | Fault:
        return parsed(reply, request, about, now, read_response, last_response, rules)


def read_response(tree: Any) -> Written | None:
    """What the output says; None where it is an error, or the tree no answer of this API."""
    output = tree.get("output") if type(tree) is dict else None
    if type(output) is not list:
        return None
    texts: list[str] = []
    thoughts: list[str] = []
    refusals: list[str] = []
    for item in output:
        if type(item) is not dict:
            continue
        if item.get("type") == "message":
            text, beside = text_of(item.get("content"))
            # What a model says on its way to its answer is none of it.
            (thoughts if item.get("phase") == "commentary" else texts).append(text)
            thoughts.append(beside)
            refusals.append(refusal_of(item))
        elif item.get("type") == "reasoning":
            thoughts += [text_of(item.get(name))[1] for name in ("summary", "content") if item.get(name)]
    return Written(
        "".join(texts),
        "\n".join(filter(None, thoughts)),
        "".join(refusals),
        _finish(tree),
        tree.get("usage"),
        tree.get("model"),
        tree.get("id"),
        output,
    )


def last_response(events: Sequence[Any]) -> Any:
    """The whole reply, which the last event of a stream has; or its error. None where they are something else."""
    for event in reversed(events):
        if type(event) is dict and type(event.get("response")) is dict:
            return event["response"]
        if type(event) is dict and event.get("type") == "error":
            return event
    return None


def _finish(tree: Mapping[str, Any]) -> Any:
    """`completed`, or the reason why the answer is incomplete."""
    status, details = tree.get("status"), tree.get("incomplete_details")
    if status == "completed" or type(details) is not dict:
        return status
    return details.get("reason") or status
