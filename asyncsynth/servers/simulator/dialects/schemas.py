"""The JSON Schemas that requests may have, and what the services refuse of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.servers.simulator.dialects.dialect import Invalid

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
# Anthropic's grammars have no bounds of numbers and texts; its package puts them into the description.
_NO_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength")

Schema = Mapping[str, Any]


def of_openais(given: Any, described: Any, place: str) -> Schema | Invalid | None:
    """What a text format asks for; `described` has the name and the schema. None: no JSON of a form."""
    if given is None or (isinstance(given, Mapping) and given.get("type") in ("text", "json_object")):
        return None
    if not isinstance(given, Mapping) or given.get("type") != "json_schema" or not isinstance(described, Mapping):
        return Invalid(f"Invalid value for '{place}'.", place, "invalid_value")
    if not _NAME.match(str(described.get("name", ""))):
        return Invalid(f"Missing required parameter: '{place}.name'.", f"{place}.name", "missing_required_parameter")
    schema = described.get("schema")
    if not isinstance(schema, Mapping):
        return Invalid(f"Invalid schema for '{place}': it must be an object.", place, "invalid_type")
    if described.get("strict") and any(map(_is_open, _schemas_in(schema))):
        what = "'additionalProperties' is required to be supplied and to be false, and all fields to be required."
        return Invalid(f"Invalid schema for '{place}': {what}", place, "invalid_json_schema")
    return schema


def of_anthropics(given: Any) -> Schema | Invalid | None:
    """`output_config.format`."""
    if given is None:
        return None
    schema = given.get("schema") if isinstance(given, Mapping) else None
    if not isinstance(schema, Mapping) or given.get("type") != "json_schema":
        return Invalid("output_config.format: Input should be a json_schema with a schema")
    for within in _schemas_in(schema):
        if _is_object(within) and within.get("additionalProperties") is not False:
            return Invalid("output_config.format.schema: For 'object' type, 'additionalProperties' must be false")
        if bounds := [name for name in _NO_BOUNDS if name in within]:
            return Invalid(f"output_config.format.schema: property '{bounds[0]}' is not supported")
    return schema


def of_googles(config: Mapping[str, Any]) -> Schema | Invalid | None:
    """`generationConfig.responseJsonSchema`."""
    schema = config.get("responseJsonSchema")
    if schema is None:
        return None
    if not isinstance(schema, Mapping) or config.get("responseMimeType") != "application/json":
        return Invalid("* GenerateContentRequest.generation_config: response_json_schema needs application/json")
    return schema


def _is_object(schema: Schema) -> bool:
    return schema.get("type") == "object" or "properties" in schema


def _is_open(schema: Schema) -> bool:
    named = set(schema.get("properties", ()))
    return _is_object(schema) and (
        schema.get("additionalProperties") is not False or set(schema.get("required", ())) != named
    )


def _schemas_in(schema: Any) -> Iterator[Schema]:
    """A schema and all within it; names of fields are no words of schemas."""
    if isinstance(schema, Mapping):
        yield schema
        for name, value in schema.items():
            parts = value.values() if name in ("properties", "$defs") and isinstance(value, Mapping) else (value,)
            for part in parts:
                yield from _schemas_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _schemas_in(part)
