"""The wire formats, one module each: a request to bytes, the bytes of a reply to an Answer or a Fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asyncsynth.errors import UsageError
from asyncsynth.provider.wires.chat import Chat
from asyncsynth.provider.wires.completions import Completions
from asyncsynth.provider.wires.wire import Wire
from asyncsynth.values import Api

__all__ = ["WIRES", "Wire", "wire_of"]

WIRES: Mapping[Api, Callable[[str, Mapping[str, Any]], Wire]] = {"chat": Chat, "completions": Completions}


def wire_of(api: Api, model: str, parameters: Mapping[str, Any]) -> Wire:
    """The format of `api` for one model; `parameters` go into every request body as they stand."""
    if api not in WIRES:
        raise UsageError(f"endpoint.api: {api} is not spoken yet", hint=f"choose one of {', '.join(WIRES)}")
    return WIRES[api](model, parameters)
