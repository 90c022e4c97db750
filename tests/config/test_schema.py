"""The short form of a schema: what its forms mean, and what is told of one that is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config.schema import DEEPEST, json_schema_of, schema_problems

PLACE = "steps.story.schema"


def test_each_form_has_its_json_schema() -> None:
    fields = {
        "title": "string",
        "acts": ["string"],
        "mood": ["calm", "angry"],
        "stars": [1, 2, 3],
        "hero": {"name": "string", "alive": "boolean"},
        "scenes": [{"words": "integer", "weight": "number"}],
        "tags": [["new", "old"]],
    }
    assert schema_problems(PLACE, fields) == []
    schema = json_schema_of(fields)
    assert schema["properties"] == {
        "title": {"type": "string"},
        "acts": {"type": "array", "items": {"type": "string"}},
        "mood": {"type": "string", "enum": ["calm", "angry"]},
        "stars": {"type": "integer", "enum": [1, 2, 3]},
        "hero": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "alive": {"type": "boolean"}},
            "required": ["name", "alive"],
            "additionalProperties": False,
        },
        "scenes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"words": {"type": "integer"}, "weight": {"type": "number"}},
                "required": ["words", "weight"],
                "additionalProperties": False,
            },
        },
        "tags": {"type": "array", "items": {"type": "string", "enum": ["new", "old"]}},
    }
    assert (schema["required"], schema["additionalProperties"]) == (list(fields), False)


def nested(depth: int) -> dict[str, Any]:
    return {"in": nested(depth - 1) if depth else "string"}


@pytest.mark.parametrize(
    ("given", "place", "what", "near"),
    [
        (3, "", "must be fields like", None),
        ({}, "", "has no fields", None),
        ("", "", "must not be empty", None),
        ("string", "", 'write { answer = "string" }', None),
        ({"t": "sting"}, ".t", '"sting" is not a form', "string"),
        ({"t": ["strng"]}, ".t", "a choice has at least two values", "string"),
        ({"t": True}, ".t", "must be one of string", None),
        ({"t": []}, ".t", "is a list of what?", None),
        ({"t": [3]}, ".t", "is a list of what?", None),
        ({"t": ["a", 1]}, ".t", "all be texts or all be whole numbers", None),
        ({"t": [True, False]}, ".t", "all be texts or all be whole numbers", None),
        ({"t": ["string", "integer"]}, ".t", "string is a type", None),
        ({"t": ["a", "b", "a"]}, ".t", 'has "a" twice', None),
        ({"t": [1, 2**70]}, ".t", "beyond 64 bits", None),
        ({"t": ["a", ""]}, ".t", "empty text", None),
        ({"a": {"b": [{"c": "text"}]}}, ".a.b[0].c", "is not a form", None),
        ({"": "string"}, "", "can't be the name of a field", None),
        (nested(DEEPEST), ".in" * DEEPEST, "nested too deep", None),
        ({f"f{number}": "string" for number in range(501)}, "", "has 501 fields", None),
    ],
)
def test_what_is_wrong_is_told_with_its_place(given: object, place: str, what: str, near: str | None) -> None:
    (problem,) = schema_problems(PLACE, given)
    assert problem.place == PLACE + place
    assert what in problem.what
    assert problem.nearest == near


def test_a_path_is_not_looked_at_here() -> None:
    assert schema_problems(PLACE, "story.schema.json") == []
