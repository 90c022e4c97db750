"""A schema told in words, for what has no place for it: a request that is given with it above."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from asyncsynth.provider.answers import USUAL_RULES, AnswerRules
from asyncsynth.provider.classify import About
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.wires.wire import Wire
from asyncsynth.values import Answer, Fault, Request


class InWords:
    """A Wire: another one, whose requests end their system text with the schema."""

    __slots__ = ("_wire", "_words", "headers", "model", "path")

    def __init__(self, wire: Wire, schema: Mapping[str, Any]) -> None:
        self._wire = wire
        self.model, self.path, self.headers = wire.model, wire.path, wire.headers
        described = json.dumps(schema, ensure_ascii=False)
        self._words = f"Answer with JSON that fits this JSON Schema, and with nothing else:\n\n{described}"

    def body(self, request: Request) -> bytes:
        system = self._words if request.system is None else f"{request.system}\n\n{self._words}"
        return self._wire.body(replace(request, system=system))

    def parse(
        self, reply: HttpReply, request: Request, about: About, now: float, rules: AnswerRules = USUAL_RULES
    ) -> Answer | Fault:
        return self._wire.parse(reply, request, about, now, rules)
