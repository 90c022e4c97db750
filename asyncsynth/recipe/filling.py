"""A template that could be taken apart, filled in for a sample: one format operation and one look-up a piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import getitem, itemgetter
from typing import Any

from asyncsynth.recipe.pieces import Given, Part, Piece
from asyncsynth.values import Value

MAX_CACHED_VALUES = 100_000  # of an axis; one of more is rendered anew for each sample
MAX_CACHED_CHARACTERS = 20_000_000  # of a piece

Fill = Callable[[Mapping[str, Value]], str]


class Stranger(LookupError):
    """A value that is none of the axis's own objects, so nothing is remembered of it."""


class _Rendered(dict[int, str]):
    """The texts of a piece by id() of the axis's values, which live as long as this does; rendered when asked for."""

    __slots__ = ("_own", "_render", "_room")

    def __init__(self, piece: Piece, values: Sequence[Value]) -> None:
        super().__init__()
        self._render = piece.render
        self._own = {id(value): value for value in values}
        self._room = MAX_CACHED_CHARACTERS

    def __missing__(self, identity: int) -> str:
        if identity not in self._own:
            raise Stranger
        text = self._render(self._own[identity])
        if len(text) <= self._room:
            self._room -= len(text)
            self[identity] = text
        return text


def filling(parts: Sequence[Part], axes: Mapping[str, Sequence[Value]]) -> Fill | None:
    """What makes the template's text of the values of a combination and of the given names; None if that saves nothing.

    Raises Stranger for a value that is not one of the very objects in `axes`, and whatever a piece does.
    """
    form = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts)
    slots = [_slot(part, axes) for part in parts if not isinstance(part, str)]
    if not slots:
        return lambda _: form % ()
    if all(isinstance(slot, Given) or slot.plain for slot in slots):
        return _plain(form, [slot.name if isinstance(slot, Given) else slot.axis for slot in slots])
    pieces = [slot for slot in slots if isinstance(slot, Piece)]
    if any(len(axes[piece.axis]) > MAX_CACHED_VALUES for piece in pieces):
        return None
    given = [(place, slot.name) for place, slot in enumerate(slots) if isinstance(slot, Given)]
    return _looked_up(form, pieces, given, axes)


def _slot(part: Given | Piece, axes: Mapping[str, Sequence[Value]]) -> Given | Piece:
    if isinstance(part, Piece) and part.plain and len(axes[part.axis]) > MAX_CACHED_VALUES:
        return Given(part.axis)
    return part


def _plain(form: str, names: Sequence[str]) -> Fill:
    if len(names) == 1:
        (name,) = names
        return lambda values: form % (values[name],)
    row = itemgetter(*names)
    return lambda values: form % row(values)


def _looked_up(
    form: str, pieces: Sequence[Piece], given: Sequence[tuple[int, str]], axes: Mapping[str, Sequence[Value]]
) -> Fill:
    rendered = [_Rendered(piece, axes[piece.axis]) for piece in pieces]
    names = [piece.axis for piece in pieces]
    row: Callable[[Mapping[str, Any]], Sequence[Any]] = itemgetter(*names) if len(names) > 1 else _row_of(names[0])

    def fill(values: Mapping[str, Value]) -> str:
        texts: list[Any] = list(map(getitem, rendered, map(id, row(values))))
        for place, name in given:
            texts.insert(place, values[name])
        return form % tuple(texts)

    return fill


def _row_of(name: str) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    return lambda values: (values[name],)
