"""An example of what a schema asks for: templates are tried on it, so it has every field."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.quality.examples import example_of, pointed
from asyncsynth.quality.structured import Read, Schema


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string"}, "X"),
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 7}, 7),
        ({"type": ["null", "number"]}, 1),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"const": 5}, 5),
        ({"enum": ["calm", "angry"]}, "calm"),
        ({"type": "array", "items": {"type": "string"}}, ["X"]),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}, ["X", 1]),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": "X"}),
        ({"properties": {"a": {}}}, {"a": "X"}),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, 1),
        ({"allOf": [{"properties": {"a": {}}}, {"$ref": "#/$defs/b"}], "$defs": {"b": {"properties": {"b": {}}}}},
         {"a": "X", "b": "X"}),
        ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "boolean"}}}, True),
    ],
)  # fmt: skip
def test_an_example_has_the_form_of_its_schema(schema: Any, example: Any) -> None:
    assert example_of(schema, "X") == example


def test_a_schema_within_itself_has_an_example_that_ends() -> None:
    node = {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#"}}}
    assert example_of(node, "X")["next"]["next"]["name"] == "X"


def test_an_example_of_a_short_form_fits_it() -> None:
    schema = Schema({"type": "object", "properties": {"a": {"enum": [3]}, "b": {"type": "array", "items": {}}}})
    assert schema.example("KEY/0") == {"a": 3, "b": ["KEY/0"]}
    assert schema.read('{"a": 3, "b": ["KEY/0"]}') == Read(schema.example("KEY/0"))


@pytest.mark.parametrize("reference", ["#/$defs/none", "#/a/5", "#/a/x", "#/a/0/b/c"])
def test_what_points_nowhere_is_none(reference: str) -> None:
    assert pointed({"a": [{"b": 1}]}, reference) is None
