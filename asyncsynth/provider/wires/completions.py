"""OpenAI's text completions: one prompt, which the model continues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.provider.answers import USUAL_RULES, AnswerRules
from asyncsynth.provider.classify import About
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.wires.choices import put_together, read_choices
from asyncsynth.provider.wires.parsing import parsed
from asyncsynth.provider.wires.wire import NO_HEADERS, encoded
from asyncsynth.values import Answer, Fault, Request


class Completions:
    """A Wire. It has no place for a system text, which stands above the request."""

    __slots__ = ("_prefix", "model")
    path = "/completions"
    headers = NO_HEADERS

    def __init__(self, model: str, parameters: Mapping[str, Any]) -> None:
        self.model = model
        self._prefix = encoded({"model": model, "stream": False, **parameters})[:-1] + b',"prompt":'

    def body(self, request: Request) -> bytes:
        text = request.text if request.system is None else f"{request.system}\n\n{request.text}"
        return self._prefix + encoded(text) + b"}"

    def parse(
        self, reply: HttpReply, request: Request, about: About, now: float, rules: AnswerRules = USUAL_RULES
    ) -> Answer | Fault:
        return parsed(reply, request, about, now, read_choices, put_together, rules)
