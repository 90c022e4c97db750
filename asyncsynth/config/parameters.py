"""Parameters that go into the body of a request as they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from asyncsynth.config.shown import shown
from asyncsynth.values import INT64

# Asking for several answers or for a stream would change what one reply is.
RESERVED_PARAMETERS = frozenset({"model", "messages", "prompt", "n", "stream", "best_of", "echo"})
MAX_TOKENS_PARAMETERS = ("max_tokens", "max_completion_tokens", "max_output_tokens")  # as services name it


def checked_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters; ValueError where they would not leave one answer a request, or can't be sent."""
    if reserved := sorted(RESERVED_PARAMETERS & parameters.keys()):
        repeats = "; for several answers set combinations.repeats" if {"n", "best_of"} & set(reserved) else ""
        raise ValueError(f"{', '.join(reserved)} can't be set here: one request brings one whole answer{repeats}")
    for name in MAX_TOKENS_PARAMETERS:
        if name in parameters and not (type(parameters[name]) is int and parameters[name] > 0):
            raise ValueError(f"{name} must be a whole number above 0, not {shown(parameters[name])}")
    if (place := _too_large(parameters)) is not None:
        raise ValueError(f"{place} is beyond 64 bits, which services can't read")
    try:
        json.dumps(parameters, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"can't be sent as JSON: {error}") from error
    return parameters


def _too_large(value: Any, place: str = "") -> str | None:
    """Where in the parameters an integer is that is no JSON of services."""
    if isinstance(value, Mapping):
        parts = ((f"{place}.{name}" if place else str(name), part) for name, part in value.items())
    elif isinstance(value, list):
        parts = ((f"{place}[{index}]", part) for index, part in enumerate(value))
    else:
        return place if type(value) is int and value not in INT64 else None
    return next((found for where, part in parts if (found := _too_large(part, where)) is not None), None)
