"""The combination as a record shows it: each axis a column of one JSON type, as loaders of such files demand.

Integers stay integers, and with floats among them all are floats. Any other mixture, and integers beyond 64 bits, are
strings, written as in TOML. Tables have the fields of all tables of their axis, null where one lacks it, and each
field follows the same rule. Of what stands in a file, long texts are cut: a record says which row it is of, and holds
no document twice; lists and tables in a row are strings, and numbers of several types floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any

from asyncsynth.config.sources import Axes, AxisValues, Dependent, Drawn
from asyncsynth.recipe.canonical import canonical
from asyncsynth.recipe.sources.source import Source
from asyncsynth.values import INT64, Value

Cell = Callable[[Any], Any]

SHOWN = 200  # characters of a text from a file
EXACT_IN_A_FLOAT = 2**53


class Columns:
    """Made of the axes once; called with a combination."""

    __slots__ = ("_cells",)

    def __init__(self, axes: Axes) -> None:
        cells = {name: _cell_of(values) for name, values in axes.items()}
        self._cells = {name: cell for name, cell in cells.items() if cell is not None}

    def __call__(self, combination: Mapping[str, Value]) -> Mapping[str, Any]:
        """The combination itself where nothing has to change."""
        if not self._cells:
            return combination
        return {**combination, **{name: cell(combination[name]) for name, cell in self._cells.items()}}

    def shown(self, name: str) -> Cell:
        """What a record shows of a value of this axis."""
        return self._cells.get(name, lambda value: value)


def _cell_of(axis: AxisValues) -> Cell | None:
    if isinstance(axis, Dependent):
        return _cell(value for values in axis.values.values() for value in values)
    if isinstance(axis, Source):
        return _row_cell(axis.told.types)
    return _cell(axis.values if isinstance(axis, Drawn) else axis)


def _row_cell(types: Mapping[str, frozenset[type]] | None) -> Cell:
    """What shows a row of a file with columns of these types, or a line."""
    if types is None:
        return _cut
    cells: dict[str, Cell] = {field: _CELLS.get(kinds - {NoneType}, _cut_text) for field, kinds in types.items()}

    def cell(row: Mapping[str, Any]) -> dict[str, Any]:
        return {field: make(row[field]) if field in row else None for field, make in cells.items()}

    return cell


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _cut_text(value: Any) -> str:
    return _cut(_as_text(value))


def _integer(value: Any) -> Any:
    return value


_CELLS: dict[frozenset[type], Cell] = {
    frozenset({str}): _cut,
    frozenset({bool}): bool,
    frozenset({float}): float,
    frozenset({int}): _integer,
    frozenset({int, float}): float,
}


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
