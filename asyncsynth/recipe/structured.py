"""Structured answers as templates see them: a table or a list, which as a whole prints as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class Table(dict[str, Any]):
    """Its fields are found by name; printed, it is JSON."""

    __slots__ = ()

    def __str__(self) -> str:
        return json.dumps(self, ensure_ascii=False)


class Members(list[Any]):
    """The same for a list."""

    __slots__ = ()

    def __str__(self) -> str:
        return json.dumps(self, ensure_ascii=False)


def structured(value: Any) -> Any:
    """A value that was read from an answer."""
    if isinstance(value, Mapping):
        return Table({name: structured(part) for name, part in value.items()})
    return Members(map(structured, value)) if isinstance(value, list) else value
