"""A template as text and the cells of axes, known before any sample: most samples need no rendering of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from asyncsynth.recipe.axis import Held
from asyncsynth.recipe.budget import MAX_CHARACTERS
from asyncsynth.recipe.filling import MAX_PIECE_CHARACTERS
from asyncsynth.recipe.pieces import Given, Piece
from asyncsynth.recipe.render_errors import RENDER_ERRORS
from asyncsynth.recipe.rendering import Template
from asyncsynth.recipe.space import Numbered
from asyncsynth.values import AxisCells, Cells, Value

MAX_VALUES = 20_000  # of an axis: what all of them make is in memory, and made before the first sample
MAX_CELL_CHARACTERS = 4_000_000  # of all values of an axis together

Columns = Mapping[str, Numbered]  # by the names of the axes


def cells_of(template: Template, columns: Columns, *, blank: str | None = None) -> Cells | None:
    """The template's renderings, put together; `blank` is a given name that is left blank.

    None where they have to be rendered one by one: with control flow, with another given name, where a value can't be
    rendered or sent, where a text would be too long, and for axes of so many values that all of them take time or
    memory.
    """
    if template.parts is None:
        return None
    cells: list[str | AxisCells] = []
    longest = 0
    for part in template.parts:
        if isinstance(part, Given):
            if part.name != blank:
                return None
            continue
        cell = part if isinstance(part, str) else _cells(part, columns[part.axis])
        if cell is None or (isinstance(cell, str) and not _can_be_sent(cell)):
            return None
        cells.append(cell)
        longest += len(cell) if isinstance(cell, str) else max(map(len, cell.cells))
    return tuple(cells) if longest <= MAX_CHARACTERS else None


def cells_for_each(make: Callable[[Value], Any], column: Numbered) -> AxisCells | None:
    """What this makes of each value of an axis, once for values that are there several times; None for too many."""
    number, values = column[0], column[1].values
    if not isinstance(column[1], Held) or len(values) > MAX_VALUES:
        return None
    known: dict[int, Any] = {}
    for value in values:
        if id(value) not in known:
            known[id(value)] = make(value)
    return AxisCells(number, [known[id(value)] for value in values])


def _cells(piece: Piece, column: Numbered) -> AxisCells | None:
    room = MAX_CELL_CHARACTERS

    def text_of(value: Value) -> str:
        nonlocal room
        text = piece.render(value)
        room -= len(text)
        if len(text) > MAX_PIECE_CHARACTERS or room < 0 or not _can_be_sent(text):
            raise ValueError("it has to be rendered by itself")
        return text

    try:
        return cells_for_each(text_of, column)
    except RENDER_ERRORS:
        return None


def _can_be_sent(text: str) -> bool:
    """A lone surrogate can't."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False
