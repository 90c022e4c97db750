"""The types of a table's columns, found out row by row, so that no reader has to guess them from the first rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.values import INT64

# A type as SQL has it, [type of the elements], {field: type}, or None: nothing but nulls so far.
Type = str | list[Any] | dict[str, Any] | None
TEXT = "VARCHAR"
_SCALARS: Mapping[type, str] = {str: TEXT, bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE"}


def type_of(value: Any) -> Type:
    """The type of a JSON value."""
    if isinstance(value, Mapping):
        return {name: type_of(part) for name, part in value.items()}
    if isinstance(value, list):
        inner: Type = None
        for part in value:
            inner = merged(inner, type_of(part))
        return [inner]
    if type(value) is int and value not in INT64:
        return "DOUBLE"
    return _SCALARS.get(type(value))


def merged(one: Type, other: Type) -> Type:
    """The type that takes the values of both; a text where there is no other."""
    if one == other or other is None:
        return one
    if one is None:
        return other
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: merged(one.get(name), other.get(name)) for name in one | other}
    if isinstance(one, list) and isinstance(other, list):
        return [merged(one[0], other[0])]
    return "DOUBLE" if {str(one), str(other)} == {"BIGINT", "DOUBLE"} else TEXT


def in_sql(kind: Type) -> str:
    """The type in SQL; what was always null or empty is a text."""
    if isinstance(kind, dict):
        return f"STRUCT({', '.join(f'{quoted(name)} {in_sql(part)}' for name, part in kind.items())})" if kind else TEXT
    if isinstance(kind, list):
        return f"{in_sql(kind[0])}[]"
    return kind or TEXT


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'
