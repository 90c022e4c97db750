"""Where a request has the JSON Schema that its answer shall fit: by the services' own packages, November 2026."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asyncsynth.provider.wires.parameters import placed
from asyncsynth.values import Api

NAME = "answer"  # what OpenAI's APIs call it
Parameters = Mapping[str, Any]


def with_schema(api: Api, parameters: Parameters, schema: Parameters) -> Parameters:
    """The parameters of a request for an answer of this form; as they are where the API has no place for it."""
    place = _PLACES.get(api)
    return parameters if place is None else place(parameters, schema)


def is_strict(schema: Any) -> bool:
    """Whether OpenAI's strict mode takes it as far as objects go: no further fields, and all of them are required."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, Mapping):
        named = set(properties) if isinstance(properties, Mapping) else set()
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != named:
            return False
    return all(map(is_strict, schema.values()))


def _in_chat(parameters: Parameters, schema: Parameters) -> Parameters:
    described = {"name": NAME, "schema": schema, "strict": is_strict(schema)}
    return {**parameters, "response_format": {"type": "json_schema", "json_schema": described}}


def _in_responses(parameters: Parameters, schema: Parameters) -> Parameters:
    described = {"type": "json_schema", "name": NAME, "schema": schema, "strict": is_strict(schema)}
    return _within(parameters, "text", format=described)


def _in_anthropics(parameters: Parameters, schema: Parameters) -> Parameters:
    return _within(parameters, "output_config", format={"type": "json_schema", "schema": schema})


def _in_gemini(parameters: Parameters, schema: Parameters) -> Parameters:
    """`responseSchema` takes a dialect of Google's own; this one takes JSON Schema."""
    return _within(
        placed(parameters), "generationConfig", responseMimeType="application/json", responseJsonSchema=schema
    )


def _within(parameters: Parameters, name: str, **members: Any) -> Parameters:
    """What else is set there stays."""
    there = parameters.get(name)
    return {**parameters, name: {**(there if isinstance(there, Mapping) else {}), **members}}


_PLACES: Mapping[Api, Callable[[Parameters, Parameters], Parameters]] = {
    "chat": _in_chat,
    "responses": _in_responses,
    "anthropic": _in_anthropics,
    "gemini": _in_gemini,
}
