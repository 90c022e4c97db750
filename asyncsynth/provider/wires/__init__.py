"""The wire formats, one module each: a request to bytes, the bytes of a reply to an Answer or a Fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from asyncsynth.provider.wires.wire import Wire
from asyncsynth.values import Api, SchemaUse

__all__ = ["WIRES", "Wire", "wire_of"]

# The class of each, by its module: a run loads the one that it speaks.
WIRES: Mapping[Api, tuple[str, str]] = {
    "chat": ("chat", "Chat"),
    "completions": ("completions", "Completions"),
    "responses": ("responses", "Responses"),
    "anthropic": ("anthropic", "Messages"),
    "gemini": ("gemini", "GenerateContent"),
}


def wire_of(
    api: Api,
    model: str,
    parameters: Mapping[str, Any],
    schema: Mapping[str, Any] | None = None,
    use: SchemaUse = "strict",
) -> Wire:
    """The format of `api` for one model; `parameters` go into every request body as they stand.

    `schema`: the JSON Schema that every answer shall fit, and how it is sent.
    """
    if schema is not None and use != "none":
        from asyncsynth.provider.wires.schemas import with_schema  # noqa: PLC0415 - most runs ask for texts

        parameters = with_schema(api, parameters, schema, strict=use == "strict")
    module, name = WIRES[api]
    made: Callable[[str, Mapping[str, Any]], Wire] = getattr(import_module(f"{__name__}.{module}"), name)
    wire = made(model, parameters)
    if schema is not None and use == "none":
        from asyncsynth.provider.wires.in_words import InWords  # noqa: PLC0415 - the same

        return InWords(wire, schema)
    return wire
