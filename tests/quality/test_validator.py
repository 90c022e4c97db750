"""The check by a JSON Schema: it says what the standard says, it comes to an end, and it fetches nothing."""

from __future__ import annotations

import socket
from importlib import import_module
from typing import Any

import pytest

from asyncsynth.errors import ConfigError
from asyncsynth.quality.validator import LONGEST_FORMATTED, Validator

VALUES: list[Any] = [
    None, True, 0, 1, 1.0, 1.5, -3, 10**12, "", "a", "abc", "xé", "2026-11-28", [], [1], [1, 1], ["a", 1], [1, "a", 2],
    [[], [0]], [True, 1], {}, {"a": 1}, {"a": "x"}, {"a": 1, "b": 2}, {"b": 2}, {"a": {"a": {"a": 1}}},
    {"xa": 1}, {"xa": "1", "c": 0}, {"kids": [{"kids": []}, {}]}, {"a": None},
]  # fmt: skip
SCHEMAS: list[dict[str, Any]] = [
    {},
    {"type": "integer"},
    {"type": ["string", "null"]},
    {"enum": [1, "a", None, [1], {"a": 1}, True]},
    {"const": {"a": 1}},
    {"minimum": 1, "exclusiveMaximum": 10},
    {"multipleOf": 0.5},
    {"minLength": 1, "maxLength": 2},
    {"pattern": "^x"},
    {"minItems": 1, "maxItems": 2, "uniqueItems": True},
    {"items": {"type": "integer"}},
    {"prefixItems": [{"type": "string"}, {"type": "integer"}]},
    {"prefixItems": [{"type": "integer"}], "items": {"type": "string"}},
    {"prefixItems": [{"type": "integer"}], "items": False},
    {"contains": {"type": "string"}},
    {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"properties": {"a": {}}, "additionalProperties": False},
    {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}},
    {"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": False},
    {"patternProperties": {"^x": {"type": "integer"}}, "required": ["xa"], "additionalProperties": False},
    {"propertyNames": {"maxLength": 1}},
    {"minProperties": 1, "maxProperties": 1},
    {"dependentRequired": {"a": ["b"]}},
    {"dependentSchemas": {"a": {"required": ["b"]}}, "dependentRequired": {"xa": ["c"]}},
    {"anyOf": [{"type": "integer"}, {"minLength": 2}]},
    {"oneOf": [{"type": "number"}, {"type": "integer"}]},
    {"allOf": [{"type": "number"}, {"minimum": 1}]},
    {"not": {"type": "object"}},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "object"}},
    {"$ref": "#/$defs/one", "$defs": {"one": {"type": "string"}}},
    {"$ref": "#/$defs/one", "minLength": 2, "$defs": {"one": {"type": "string"}}},
    {"properties": {"a": {"$ref": "#/properties/b"}, "b": {"type": "integer", "description": "a number"}}},
    {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}},
    {"properties": {"a": {"anyOf": [{"$ref": "#"}, {"type": "integer"}]}}, "type": "object"},
    {"definitions": {"a/b": {"type": "null"}}, "items": {"$ref": "#/definitions/a~1b"}},
    {"items": [{"type": "integer"}], "additionalItems": False, "$schema": "http://json-schema.org/draft-07/schema#"},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_it_takes_what_the_standard_takes(schema: dict[str, Any]) -> None:
    """By jsonschema, the reference that notebooks' packages bring along."""
    library: Any = import_module("jsonschema")
    reference = library.validators.validator_for(schema, default=library.Draft202012Validator)(schema)
    validator = Validator(schema, "schema")
    differing = [value for value in VALUES if (validator.why_not(value) is None) != reference.is_valid(value)]
    assert differing == []


def problems_of(schema: dict[str, Any]) -> list[tuple[str, str | None]]:
    with pytest.raises(ConfigError) as caught:
        Validator(schema, "steps.story.schema")
    assert {problem.place for problem in caught.value.problems} == {"steps.story.schema"}
    return [(problem.what, problem.nearest) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("schema", "what", "near"),
    [
        ({"type": "strng"}, '#/type: "strng" is not a type', "string"),
        ({"type": ["string", "nul"]}, '#/type: "nul" is not a type', "null"),
        ({"requird": ["a"]}, "#/requird: is not a keyword of JSON Schema", "required"),
        ({"properties": {"a": {"minimum": "1"}}}, '#/properties/a/minimum: must be a number, not "1"', None),
        ({"minLength": -1}, "#/minLength: must be a whole number, at least 0, not -1", None),
        ({"minimum": True}, "#/minimum: must be a number, not true", None),
        ({"required": ["a", "a"]}, '#/required: must be a list of different names, not ["a", "a"]', None),
        ({"enum": []}, "#/enum: must be a list of values", None),
        ({"anyOf": {}}, "#/anyOf: must be a list of schemas", None),
        ({"properties": []}, "#/properties: must be an object of schemas", None),
        ({"items": 3}, "#/items: must be a schema, which is an object, not 3", None),
        ({"unevaluatedProperties": False}, "#/unevaluatedProperties: can't be checked here; additionalProperties can",
         None),
        ({"$ref": "https://example.com/story.json"},
         '#/$ref: "https://example.com/story.json" must be a place in the same schema, like #/$defs/act', None),
        ({"$ref": "#act"}, '#/$ref: "#act" must be a place in the same schema, like #/$defs/act', None),
        ({"$ref": "#/$defs/act"}, '#/$ref: there is nothing at "#/$defs/act"', None),
        ({"items": {"$id": "x"}}, "#/items/$id: can only stand in the schema as a whole", None),
        ({"const": [{"$ref": "https://example.com/x"}]}, "#/const: can't be checked here: a value has a $ref in it",
         None),
        ({"$ref": "#"}, "#: refers to itself without end", None),
        ({"anyOf": [{"type": "string"}, {"$ref": "#"}]}, "#: refers to itself without end", None),
        ({"properties": {"a": {}}, "required": ["b"], "additionalProperties": False},
         "#: can't be checked: data: items ['b'] are required but not allowed", None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_schema_is_told_with_its_place(schema: Any, what: str, near: str | None) -> None:
    ((told, nearest),) = problems_of(schema)
    assert told.startswith(what)
    assert nearest == near


def test_all_mistakes_are_told_at_once() -> None:
    schema = {"type": "x", "items": {"minItems": "2"}, "$defs": {"unused": 3}}
    assert [what.partition(":")[0] for what, _ in problems_of(schema)] == ["#/type", "#/items/minItems"]


@pytest.mark.parametrize("pattern", ["(?=a)a", "(a)\\1", "("])
def test_a_pattern_that_can_not_be_bounded_is_a_mistake(pattern: str) -> None:
    ((what, _),) = problems_of({"pattern": pattern})
    assert what.startswith("pattern ")


def test_too_many_and_too_deep_schemas_are_mistakes() -> None:
    wide: dict[str, Any] = {"properties": {f"f{number}": {} for number in range(1000)}}
    assert [what for what, _ in problems_of(wide)] == [
        "#: has 1,001 schemas within each other; at most 1,000 are possible"
    ]
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"items": deep}
    assert "is nested too deep" in problems_of(deep)[0][0]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 100_000 + "b"),
        ({"patternProperties": {"^(a+)+$": False}}, {"a" * 100_000 + "b": 1}),
        ({"format": "email"}, "a@" + "." * 100_000),
        ({"format": "hostname"}, "a" * 100_000),
        ({"uniqueItems": True}, [[number] for number in range(20_000)]),
    ],
    ids=["pattern", "patternProperties", "email", "hostname", "uniqueItems"],
)
def test_no_text_takes_it_for_ever(schema: dict[str, Any], value: Any) -> None:
    """Python's own engine would take longer than anybody waits."""
    Validator(schema, "schema").why_not(value)


def test_work_that_doubles_with_each_level_ends() -> None:
    leaf: Any = 5
    for _ in range(60):
        leaf = {"c": leaf}
    schema = {"type": "object", "properties": {"c": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}}}
    assert Validator(schema, "schema").why_not(leaf) == "it takes too long to be checked"
    assert Validator(schema, "schema").why_not({"c": {"c": {}}}) is None


def test_a_schema_that_always_takes_too_long_is_a_mistake() -> None:
    doubling = {}
    for number in range(40):
        both = {"anyOf": [{"$ref": f"#/$defs/a{number + 1}"}]}
        doubling[f"a{number}"] = {"allOf": [both, {}, both]}
    assert problems_of({"$ref": "#/$defs/a0", "$defs": {**doubling, "a40": {}}}) == [
        ("#: refers to other parts of it more often than can be checked", None)
    ]


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        pytest.fail("the network is used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    schema = {"$schema": "https://example.com/dialect", "$id": "https://example.com/story", "$ref": "#/$defs/a"}
    assert Validator({**schema, "$defs": {"a": {"type": "string"}}}, "schema").why_not("x") is None
    with pytest.raises(ConfigError):
        Validator({"items": {"$ref": "https://example.com/act"}}, "schema")


def test_a_value_is_not_changed_by_defaults() -> None:
    value: dict[str, Any] = {}
    schema = {"properties": {"a": {"type": "string", "default": "x"}}}
    assert Validator(schema, "schema").why_not(value) is None
    assert value == {}


def test_a_format_is_checked_in_texts_that_may_have_one() -> None:
    validator = Validator({"format": "uri"}, "schema")
    assert validator.why_not("https://example.com/" + "a" * 500) is None
    assert validator.why_not("https://example.com/" + "a" * LONGEST_FORMATTED) is not None


def test_a_schema_is_compiled_once_and_each_validator_counts_its_own_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"$ref": "#/definitions/tree", "definitions": {"tree": {"items": {"$ref": "#/definitions/tree"}}}}
    first = Validator(schema, "schema")
    monkeypatch.setattr("fastjsonschema.compile", lambda *_, **__: pytest.fail("compiled again"))
    monkeypatch.setattr("asyncsynth.quality.validator.MOST_CALLS", 5)
    validators = [first, Validator(schema, "schema")]

    assert [each.why_not([[]]) for each in validators for _ in range(3)] == [None] * 6
    assert validators[0]._check.__globals__ is not validators[1]._check.__globals__
    assert [each.why_not([[]] * 9) for each in validators] == ["it takes too long to be checked"] * 2
