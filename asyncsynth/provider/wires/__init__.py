"""The wire formats, one module each: a request to bytes, the bytes of a reply to an Answer or a Fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from asyncsynth.provider.wires.wire import Wire
from asyncsynth.values import Api

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
    *,
    strict: bool = True,
) -> Wire:
    """The format of `api` for one model; `parameters` go into every request body as they stand.

    `schema`: the JSON Schema that every answer shall fit, sent where the API has a place for it. `strict`: the service
    shall keep the model to it word by word, where it can.
    """
    module, name = WIRES[api]
    if schema is not None:
        from asyncsynth.provider.wires.schemas import with_schema  # noqa: PLC0415 - most runs ask for texts

        parameters = with_schema(api, parameters, schema, strict=strict)
    made: Callable[[str, Mapping[str, Any]], Wire] = getattr(import_module(f"{__name__}.{module}"), name)
    return made(model, parameters)
