"""OpenAI's chat completions, which most services speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict

from asyncsynth.provider.answers import USUAL_RULES, AnswerRules
from asyncsynth.provider.classify import About
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.wires.choices import put_together, read_choices
from asyncsynth.provider.wires.parsing import parsed
from asyncsynth.provider.wires.wire import NO_HEADERS, encoded
from asyncsynth.values import Answer, Fault, Request


class Chat:
    """A Wire. What all its bodies share is encoded once; that no stream is wanted is said, for some stream unasked."""

    __slots__ = ("_prefix", "model")
    path = "/chat/completions"
    headers = NO_HEADERS

    def __init__(self, model: str, parameters: Mapping[str, Any]) -> None:
        self.model = model
        self._prefix = encoded({"model": model, "stream": False, **parameters})[:-1] + b',"messages":['

    def body(self, request: Request) -> bytes:
        if request.turns:
            said = b",".join(encoded(asdict(turn)) for turn in request.turns)
        else:
            said = b'{"role":"user","content":' + encoded(request.text) + b"}"
        if request.system is not None:
            said = b'{"role":"system","content":' + encoded(request.system) + b"}," + said
        return self._prefix + said + b"]}"

    def parse(
        self, reply: HttpReply, request: Request, about: About, now: float, rules: AnswerRules = USUAL_RULES
    ) -> Answer | Fault:
        return parsed(reply, request, about, now, read_choices, put_together, rules)
