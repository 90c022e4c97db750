"""What the simulator makes of a schema in a request: an answer by it, or the refusal of the service that it plays."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from asyncsynth.provider.wires import wire_of
from asyncsynth.quality.structured import Read, Schema, Unreadable
from asyncsynth.servers.simulator.dialects.dialect import Invalid
from asyncsynth.servers.simulator.provider import Provider
from asyncsynth.servers.simulator.requests import read_request
from asyncsynth.servers.simulator.settings import Settings
from asyncsynth.values import Api
from tests.provider.scripted import request

SCHEMA: Any = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "detail": {"type": "integer", "enum": [1, 2, 3]}},
    "required": ["reason", "detail"],
    "additionalProperties": False,
}
OPEN = {**SCHEMA, "additionalProperties": True}


def chat(schema: Any, **more: Any) -> dict[str, Any]:
    described = {"name": "answer", "schema": schema, "strict": True} | more
    return {"response_format": {"type": "json_schema", "json_schema": described}}


def anthropic(schema: Any) -> dict[str, Any]:
    return {"max_tokens": 5, "output_config": {"format": {"type": "json_schema", "schema": schema}}}


@pytest.mark.parametrize(
    ("api", "parameters", "refused"),
    [
        ("chat", chat(SCHEMA), None),
        ("chat", {"response_format": {"type": "json_object"}}, None),
        ("chat", chat(OPEN, strict=False), None),
        ("chat", chat(OPEN), "additionalProperties"),
        ("chat", chat({**SCHEMA, "required": []}), "required"),
        ("chat", chat({**SCHEMA, "properties": {**SCHEMA["properties"], "in": OPEN}}), "additionalProperties"),
        ("chat", chat(SCHEMA, name="an answer"), "name"),
        ("chat", chat("text"), "must be an object"),
        ("chat", {"response_format": {"type": "json"}}, "Invalid value"),
        ("responses", {"text": {"format": {"type": "json_schema", "schema": SCHEMA}}}, "name"),
        ("anthropic", anthropic(OPEN), "additionalProperties"),
        ("anthropic", anthropic({"type": "integer", "minimum": 1}), "'minimum' is not supported"),
        ("anthropic", {"max_tokens": 5, "output_config": {"format": {"schema": SCHEMA}}}, "json_schema"),
        ("gemini", {"responseJsonSchema": SCHEMA}, "needs application/json"),
        ("completions", chat(SCHEMA), None),
    ],
)
def test_a_service_refuses_what_it_can_not_keep_to(api: Api, parameters: Any, refused: str | None) -> None:
    asked = read_request(api, wire_of(api, "m", parameters).body(request("hi")), 100, "m")
    assert isinstance(asked, Invalid) == (refused is not None)
    assert refused is None or refused in asked.message  # type: ignore[union-attr]


def texts(count: int, **settings: Any) -> list[str]:
    """What a simulated provider answers to so many requests with the schema."""
    provider, wire = Provider(Settings(latency_s=0, **settings), 0.0), wire_of("chat", "m", {}, SCHEMA)
    answers = []
    for number in range(count):
        plan = provider.decide(0.0, "chat", wire.body(request(f"Judge story {number}.")))
        answers.append(orjson.loads(plan.body)["choices"][0]["message"]["content"])
        assert provider.finish(plan, 0.0)["completion_tokens"] == -(-len(answers[-1]) // 4)
    return answers


SCHEMA_OF_STEP = Schema(SCHEMA)


def test_answers_fit_the_schema_and_are_billed_by_their_length() -> None:
    assert {SCHEMA_OF_STEP.read(text).__class__ for text in texts(50)} == {Read}


@pytest.mark.parametrize(
    ("kind", "flags"),
    [("fenced", ("fenced",)), ("prose_around", ("prose_around_json",)), ("cut_short", None), ("wrong_type", None)],
)
def test_a_model_that_misbehaves_is_read_or_found_out(kind: str, flags: tuple[str, ...] | None) -> None:
    read = [SCHEMA_OF_STEP.read(text) for text in texts(20, fault_shares={kind: 1.0})]
    if flags is None:
        assert {type(one) for one in read} == {Unreadable}
    else:
        assert {one.flags for one in read if isinstance(one, Read)} == {flags}
        assert {type(one) for one in read} == {Read}


def test_shares_of_it_come_out_as_planted() -> None:
    read = [SCHEMA_OF_STEP.read(text) for text in texts(1000, fault_shares={"wrong_type": 0.2, "fenced": 0.1})]
    assert 160 < sum(isinstance(one, Unreadable) for one in read) < 240
    assert 70 < sum(isinstance(one, Read) and one.flags == ("fenced",) for one in read) < 130
