"""Made-up JSON: it fits the schema that was asked for, is the same each time, and is drawn evenly."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from asyncsynth.quality.validator import Validator
from asyncsynth.servers.simulator.draws import fingerprint, seed_key
from asyncsynth.servers.simulator.shaped import shaped

GRADES = {"type": "object", "properties": {"detail": {"enum": [1, 2, 3, 4, 5]}}, "required": ["detail"]}
SCHEMAS: list[dict[str, Any]] = [
    GRADES,
    {"type": "string", "minLength": 300, "maxLength": 400},
    {"type": "integer", "minimum": 7, "maximum": 9},
    {"type": "number", "exclusiveMinimum": 0},
    {"type": ["null", "string"]},
    {"const": {"a": None}},
    {"type": "boolean"},
    {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 3},
    {"type": "array", "prefixItems": [{"type": "string"}], "items": False},
    {"allOf": [{"$ref": "#/$defs/a"}, {"properties": {"b": {}}, "required": ["b"]}],
     "$defs": {"a": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}},
    {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["kids", "next"], "properties": {
        "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}},
        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}}},
    {"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
]  # fmt: skip


def made(schema: dict[str, Any], number: int, tokens: int = 40) -> str:
    return shaped(schema, seed_key(7), fingerprint(b"%d" % number), tokens)


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_it_fits(schema: dict[str, Any]) -> None:
    validator = Validator(schema, "schema")
    assert {validator.why_not(json.loads(made(schema, number))) for number in range(10)} == {None}


def test_the_same_request_gets_the_same_and_others_get_others() -> None:
    assert made(GRADES, 1) == made(GRADES, 1)
    counted = Counter(json.loads(made(GRADES, number))["detail"] for number in range(1000))
    assert set(counted) == {1, 2, 3, 4, 5}
    assert min(counted.values()) > 150


def test_its_texts_are_plainly_simulated_and_about_as_long_as_was_asked() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    text = made(schema, 1, tokens=400)
    assert 1300 < len(text) < 1900
    assert all(value.startswith("[simulated] ") for value in json.loads(text).values())
