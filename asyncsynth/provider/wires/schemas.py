"""Where a request has the JSON Schema that its answer shall fit: by the services' own packages, November 2026."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asyncsynth.provider.wires.parameters import placed
from asyncsynth.values import Api

NAME = "answer"  # what OpenAI's APIs call it
Parameters = Mapping[str, Any]


def with_schema(api: Api, parameters: Parameters, schema: Parameters, *, strict: bool = True) -> Parameters:
    """The parameters of a request for an answer of this form; as they are where the API has no place for it.

    `strict`: the service keeps a model to it word by word, if the schema allows that.
    """
    place = _PLACES.get(api)
    return parameters if place is None else place(parameters, schema, strict and is_strict(schema))


def taken_by_a_schema(api: Api, parameters: Parameters) -> str | None:
    """A parameter that stands where the schema belongs, or says something else of the form."""
    tree = placed(parameters)["generationConfig"] if api == "gemini" else parameters
    return next((place for place in _SAID_OTHERWISE.get(api, ()) if _is_there(tree, place)), None)


def is_strict(schema: Any) -> bool:
    """Whether all objects are closed, as OpenAI's strict mode wants it: no further fields, and all are required."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    fields = schema.get("properties", {})
    if schema.get("type") == "object" or fields:
        closed = schema.get("additionalProperties") is False and set(schema.get("required", ())) == set(fields)
        if not closed:
            return False
    inner = [value.values() if name in _TABLES else [value] for name, value in schema.items()]
    return all(is_strict(part) for parts in inner for part in parts)


_TABLES = ("properties", "$defs", "definitions")  # whose names are no words of a schema
_SAID_OTHERWISE: Mapping[Api, tuple[str, ...]] = {
    "chat": ("response_format",),
    "responses": ("text.format",),
    "anthropic": ("output_config.format", "output_format"),
    "gemini": (
        "responseMimeType",
        "response_mime_type",
        "responseSchema",
        "response_schema",
        "responseJsonSchema",
        "response_json_schema",
    ),
}


def _is_there(parameters: Parameters, place: str) -> bool:
    name, _, within = place.partition(".")
    there = parameters.get(name)
    return name in parameters if not within else isinstance(there, Mapping) and within in there


def _in_chat(parameters: Parameters, schema: Parameters, strict: bool) -> Parameters:
    described = {"name": NAME, "schema": schema, "strict": strict}
    return {**parameters, "response_format": {"type": "json_schema", "json_schema": described}}


def _in_responses(parameters: Parameters, schema: Parameters, strict: bool) -> Parameters:
    described = {"type": "json_schema", "name": NAME, "schema": schema, "strict": strict}
    return _within(parameters, "text", format=described)


def _in_anthropics(parameters: Parameters, schema: Parameters, _strict: bool) -> Parameters:
    return _within(parameters, "output_config", format={"type": "json_schema", "schema": schema})


def _in_gemini(parameters: Parameters, schema: Parameters, _strict: bool) -> Parameters:
    """`responseSchema` takes a dialect of Google's own; this one takes JSON Schema."""
    return _within(
        placed(parameters), "generationConfig", responseMimeType="application/json", responseJsonSchema=schema
    )


def _within(parameters: Parameters, name: str, **members: Any) -> Parameters:
    """What else is set there stays."""
    there = parameters.get(name)
    return {**parameters, name: {**(there if isinstance(there, Mapping) else {}), **members}}


_PLACES: Mapping[Api, Callable[[Parameters, Parameters, bool], Parameters]] = {
    "chat": _in_chat,
    "responses": _in_responses,
    "anthropic": _in_anthropics,
    "gemini": _in_gemini,
}
