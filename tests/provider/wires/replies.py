"""Replies given to a wire, and what it makes of them."""

from __future__ import annotations

import json
import time
from typing import Any

from asyncsynth.provider.answers import USUAL_RULES, AnswerRules
from asyncsynth.provider.classify import About
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.wires import wire_of
from asyncsynth.values import Answer, Api, Fault
from tests.provider.scripted import request

ABOUT = About("https://api.example.com/v1", "m", 60.0, lambda text: text)


def outcome_of(
    api: Api,
    tree: Any,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    rules: AnswerRules = USUAL_RULES,
    now: float | None = None,
) -> Answer | Fault:
    """`tree` as JSON, or bytes as they stand."""
    body = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    reply = HttpReply(status, headers or {"content-type": "application/json"}, body)
    return wire_of(api, "m", {}).parse(reply, request("x" * 41), ABOUT, now or time.time(), rules)


def answer_of(api: Api, tree: Any, **more: Any) -> Answer:
    outcome = outcome_of(api, tree, **more)
    assert isinstance(outcome, Answer), outcome
    return outcome


def fault_of(api: Api, tree: Any, **more: Any) -> Fault:
    outcome = outcome_of(api, tree, **more)
    assert isinstance(outcome, Fault), outcome
    return outcome


def events(*documents: Any) -> bytes:
    """A stream of server-sent events that nobody asked for."""
    return b"".join(b"data: %b\n\n" % json.dumps(document).encode() for document in documents)
