"""A template as text and columns, known before any sample: most samples need no rendering of their own."""

from __future__ import annotations

from collections.abc import Sequence

from asyncsynth.recipe.axis import Axis
from asyncsynth.recipe.budget import MAX_CHARACTERS
from asyncsynth.recipe.filling import MAX_CACHED_CHARACTERS, MAX_CACHED_VALUES, MAX_PIECE_CHARACTERS
from asyncsynth.recipe.pieces import Given, Piece
from asyncsynth.recipe.render_errors import RENDER_ERRORS
from asyncsynth.recipe.rendering import Template
from asyncsynth.values import Cells, Column

MAX_RENDERED_VALUES = 10_000  # of an axis in an expression: all of them are rendered before the first sample


def cells_of(template: Template, axes: Sequence[Axis], *, blank: str | None = None) -> Cells | None:
    """The template's renderings, put together; `blank` is a given name that is left blank.

    None where they have to be rendered one by one: with control flow, with another given name, where a value can't be
    rendered or sent, where a text would be too long, and for axes of so many values that all of them take time or
    memory.
    """
    if template.parts is None:
        return None
    numbers = {axis.name: number for number, axis in enumerate(axes)}
    cells: list[str | Column] = []
    longest = 0
    for part in template.parts:
        if isinstance(part, Given):
            if part.name != blank:
                return None
        elif isinstance(part, str):
            if not _can_be_sent(part):
                return None
            cells.append(part)
            longest += len(part)
        else:
            number = numbers[part.axis]
            texts = _texts(part, axes[number])
            if texts is None:
                return None
            cells.append(Column(number, texts))
            longest += max(map(len, texts))
    return tuple(cells) if longest <= MAX_CHARACTERS else None


def _texts(piece: Piece, axis: Axis) -> list[str] | None:
    if len(axis.values) > (MAX_CACHED_VALUES if piece.plain else MAX_RENDERED_VALUES):
        return None
    room, texts = MAX_CACHED_CHARACTERS, []
    try:
        for value in axis.values:
            text = piece.render(value)
            room -= len(text)
            if len(text) > MAX_PIECE_CHARACTERS or room < 0 or not _can_be_sent(text):
                return None
            texts.append(text)
    except RENDER_ERRORS:
        return None
    return texts


def _can_be_sent(text: str) -> bool:
    """A lone surrogate can't."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False
