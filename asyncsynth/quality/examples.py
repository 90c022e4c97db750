"""An example of what a JSON Schema asks for: small, and the same each time; templates are tried on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEEPEST = 20  # of schemas that are within themselves


def example_of(schema: Any, text: str, root: Any = None, depth: int = 0) -> Any:
    """A value of this form, with `text` for every string; bounds, patterns and formats are not looked at.

    Of a list there is one member, of several schemas the first one that is more than null.
    """
    root = schema if root is None else root
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return None
    if isinstance(reference := schema.get("$ref"), str):
        return example_of(pointed(root, reference), text, root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if values := schema.get("enum"):
        return values[0]
    for several in ("anyOf", "oneOf"):
        if options := schema.get(several):
            return example_of(next((one for one in options if one != {"type": "null"}), None), text, root, depth + 1)
    if parts := schema.get("allOf"):
        schema = {**schema, **_together(parts, root)}
    return _of_type(schema, text, root, depth)


def pointed(root: Any, reference: str) -> Any:
    """What a reference like #/$defs/act points at; None where nothing is there."""
    found = root
    for part in reference.removeprefix("#").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            found = found[int(name)] if name.isdigit() and int(name) < len(found) else None
        else:
            found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _of_type(schema: Mapping[str, Any], text: str, root: Any, depth: int) -> Any:
    kinds = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else "string")
    kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
    match kind:
        case "object":
            properties = schema.get("properties", {})
            return {name: example_of(part, text, root, depth + 1) for name, part in properties.items()}
        case "array":
            first = schema.get("prefixItems")
            members = first or ([schema["items"]] if isinstance(schema.get("items"), Mapping) else [])
            return [example_of(part, text, root, depth + 1) for part in members]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
    return text


def _together(parts: Any, root: Any) -> dict[str, Any]:
    """The properties of all schemas of an allOf, and what else they say."""
    merged: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for part in parts:
        plain = pointed(root, part["$ref"]) if isinstance(part, Mapping) and "$ref" in part else part
        if isinstance(plain, Mapping):
            merged |= plain
            properties |= plain.get("properties", {})
    return merged | ({"properties": properties} if properties else {})
