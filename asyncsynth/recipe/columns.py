"""The combination as a record shows it: each axis a column of one JSON type, as loaders of such files demand.

Integers stay integers, and with floats among them all are floats. Any other mixture, and integers beyond 64 bits, are
strings, written as in TOML. Tables have the fields of all tables of their axis, null where one lacks it, and each
field follows the same rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from asyncsynth.recipe.axis import Axis
from asyncsynth.recipe.canonical import canonical
from asyncsynth.values import Column, Value

Cell = Callable[[Any], Any]

INT64 = range(-(2**63), 2**63)
EXACT_IN_A_FLOAT = 2**53


class Columns:
    """Made of the axes once; called with a combination."""

    __slots__ = ("_cells",)

    def __init__(self, axes: Mapping[str, Sequence[Value]]) -> None:
        cells = {name: _cell(values) for name, values in axes.items()}
        self._cells = {name: cell for name, cell in cells.items() if cell is not None}

    def __call__(self, combination: Mapping[str, Value]) -> Mapping[str, Any]:
        """The combination itself where nothing has to change."""
        if not self._cells:
            return combination
        return {**combination, **{name: cell(combination[name]) for name, cell in self._cells.items()}}

    def column(self, number: int, axis: Axis) -> Column:
        """What a record shows of each value of an axis."""
        cell = self._cells.get(axis.name)
        return Column(number, axis.values if cell is None else [cell(value) for value in axis.values])


def _cell(values: Iterable[Any]) -> Cell | None:
    """What makes the values one JSON type; None where they are."""
    values = list(values)
    types = {type(value) for value in values}
    if all(isinstance(value, Mapping) for value in values):
        return _table_cell(values)
    if types in ({str}, {bool}, {float}):
        return None
    if types == {int}:
        return None if all(value in INT64 for value in values) else _as_text
    if types == {int, float} and all(abs(value) <= EXACT_IN_A_FLOAT for value in values if type(value) is int):
        return float
    return _as_text


def _table_cell(tables: Sequence[Mapping[str, Any]]) -> Cell | None:
    fields = list(dict.fromkeys(field for table in tables for field in table))
    cells = {field: _cell(table[field] for table in tables if field in table) for field in fields}
    if all(len(table) == len(fields) for table in tables) and not any(cells.values()):
        return None

    def cell(table: Mapping[str, Any]) -> dict[str, Any]:
        return {field: _field(table, field, cells[field]) for field in fields}

    return cell


def _field(table: Mapping[str, Any], field: str, cell: Cell | None) -> Any:
    if field not in table:
        return None
    return table[field] if cell is None else cell(table[field])


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else canonical(value)
