"""Where each API has the schema that an answer shall fit; `test_sdks.py` asks the services' own packages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asyncsynth.provider.wires import WIRES, wire_of
from asyncsynth.provider.wires.schemas import is_strict, taken_by_a_schema
from asyncsynth.values import Api, SchemaUse
from tests.provider.scripted import request

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "properties": {"title": {"type": "string"}}}


def body(api: Api, schema: Any, use: SchemaUse = "strict", **parameters: Any) -> dict[str, Any]:
    made = json.loads(wire_of(api, "m", parameters, schema, use).body(request("hi", system="Be brief.")))
    assert isinstance(made, dict)
    return made


@pytest.mark.parametrize("api", WIRES)
def test_where_it_is_not_taken_it_is_told_in_words(api: Api) -> None:
    wire, told = wire_of(api, "m", {}, None), wire_of(api, "m", {}, SCHEMA, "none")
    assert (told.path, told.model, told.headers) == (wire.path, wire.model, wire.headers)
    words = f"Answer with JSON that fits this JSON Schema, and with nothing else:\n\n{json.dumps(SCHEMA)}"
    for system, with_words in ((None, words), ("Be brief.", f"Be brief.\n\n{words}")):
        assert told.body(request("hi", system=system)) == wire.body(request("hi", system=with_words))


def test_completions_have_no_place_for_it() -> None:
    assert body("completions", SCHEMA, max_tokens=5) == body("completions", None, max_tokens=5)


@pytest.mark.parametrize("api", sorted(WIRES.keys() - {"completions"}))
def test_a_body_with_a_schema_has_it_once_and_else_what_a_body_without_has(api: Api) -> None:
    plain, asked = body(api, None, temperature=1), body(api, SCHEMA, temperature=1)
    assert json.dumps(asked).count(json.dumps(SCHEMA)) == 1
    for name, value in plain.items():
        assert asked[name] == value or asked[name].items() >= value.items()


def test_what_else_is_set_in_the_same_place_stays() -> None:
    assert body("responses", SCHEMA, text={"verbosity": "low"})["text"]["verbosity"] == "low"
    assert body("anthropic", SCHEMA, output_config={"effort": "low"})["output_config"]["effort"] == "low"
    config = body("gemini", SCHEMA, temperature=1, generationConfig={"topK": 5})["generationConfig"]
    assert (config["temperature"], config["topK"], config["responseJsonSchema"]) == (1, 5, SCHEMA)


def test_openais_strict_mode_is_asked_for_where_the_schema_and_the_service_allow_it() -> None:
    assert body("chat", SCHEMA)["response_format"]["json_schema"]["strict"] is True
    assert body("chat", OPEN)["response_format"]["json_schema"]["strict"] is False
    assert body("chat", SCHEMA, "loose")["response_format"]["json_schema"]["strict"] is False
    assert body("responses", OPEN)["text"]["format"]["strict"] is False


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (SCHEMA, True),
        ({**SCHEMA, "required": []}, False),
        ({**SCHEMA, "additionalProperties": True}, False),
        ({**SCHEMA, "properties": {"title": OPEN}}, False),
        ({"anyOf": [SCHEMA, {"type": "null"}]}, True),
        ({"anyOf": [SCHEMA, OPEN]}, False),
        ({**SCHEMA, "properties": {"properties": {"type": "string"}}, "required": ["properties"]}, True),
        ({**SCHEMA, "$defs": {"properties": SCHEMA}}, True),
    ],
)
def test_a_schema_is_strict_where_all_its_objects_are_closed(schema: Any, strict: bool) -> None:
    assert is_strict(schema) is strict


@pytest.mark.parametrize(
    ("api", "parameters", "place"),
    [
        ("chat", {"response_format": {"type": "json_object"}}, "response_format"),
        ("responses", {"text": {"format": {"type": "text"}}}, "text.format"),
        ("responses", {"text": {"verbosity": "low"}}, None),
        ("anthropic", {"output_config": {"format": {}}}, "output_config.format"),
        ("anthropic", {"output_format": {}}, "output_format"),
        ("gemini", {"responseMimeType": "text/plain"}, "responseMimeType"),
        ("gemini", {"generationConfig": {"responseSchema": {}}}, "responseSchema"),
        ("completions", {"response_format": {}}, None),
        ("chat", {"temperature": 1}, None),
    ],
)
def test_a_parameter_where_the_schema_belongs_is_named(api: Api, parameters: Any, place: str | None) -> None:
    assert taken_by_a_schema(api, parameters) == place
