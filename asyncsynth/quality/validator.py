"""Checks values by a JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from asyncsynth.errors import ConfigError, Problem


class Validator:
    """Compiled once."""

    def __init__(self, schema: Mapping[str, Any], place: str) -> None:
        import fastjsonschema  # noqa: PLC0415 - a start must not wait for it

        try:
            self._check = fastjsonschema.compile(deepcopy(dict(schema)), use_default=False)
        except fastjsonschema.JsonSchemaDefinitionException as error:
            raise ConfigError(place, (Problem(place, f"is no JSON Schema: {error}"),)) from None
        self._refusal = fastjsonschema.JsonSchemaException

    def why_not(self, value: Any) -> str | None:
        """Why a value does not fit; None: it does."""
        try:
            self._check(value)
        except self._refusal as error:
            return str(error)
        return None
