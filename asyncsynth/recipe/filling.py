"""A template that could be taken apart, filled in for a sample: one format operation and one look-up a piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import getitem, itemgetter
from typing import Any

from asyncsynth.recipe.budget import MAX_CHARACTERS
from asyncsynth.recipe.pieces import Given, Part, Piece
from asyncsynth.values import Value

MAX_CACHED_VALUES = 100_000  # of an axis; one of more is rendered anew for each sample
MAX_CACHED_CHARACTERS = 20_000_000  # of a piece
# So that no text is made that is too long before anybody measures it:
MAX_GIVEN = 4  # times that a template puts out what is given, which may be a long answer
MAX_PIECES = 50
MAX_PIECE_CHARACTERS = MAX_CHARACTERS // MAX_PIECES

Fill = Callable[[Mapping[str, Value]], str]


class Unfit(LookupError):
    """A value that can't be filled in: none of the axis's own objects, or one with a long text."""


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
            raise Unfit
        text = self._render(self._own[identity])
        if len(text) > MAX_PIECE_CHARACTERS:
            del self._own[identity]
            raise Unfit
        if len(text) <= self._room:
            self._room -= len(text)
            self[identity] = text
        return text


def filling(parts: Sequence[Part], axes: Mapping[str, Sequence[Value]]) -> Fill | None:
    """What makes the template's text of the values of a combination and of the given names; None where that saves
    nothing, or where it could make a text that is too long before anybody measures it.

    Raises Unfit, as told there, and whatever a piece raises.
    """
    form = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts)
    slots = [_slot(part, axes) for part in parts if not isinstance(part, str)]
    if sum(isinstance(slot, Given) for slot in slots) > MAX_GIVEN:
        return None
    if all(isinstance(slot, Given) or slot.plain for slot in slots):
        names = [slot.name if isinstance(slot, Given) else slot.axis for slot in slots]
        longest = {name: _longest(axes[name]) for name in set(names) if name in axes}
        too_long = sum(longest.get(name, 0) for name in names) > MAX_CHARACTERS
        return None if too_long else _plain(form, names)
    pieces = [slot for slot in slots if isinstance(slot, Piece)]
    if len(pieces) > MAX_PIECES or any(len(axes[piece.axis]) > MAX_CACHED_VALUES for piece in pieces):
        return None
    given = [(place, slot.name) for place, slot in enumerate(slots) if isinstance(slot, Given)]
    return _looked_up(form, pieces, given, axes)


def _slot(part: Given | Piece, axes: Mapping[str, Sequence[Value]]) -> Given | Piece:
    if isinstance(part, Piece) and part.plain and len(axes[part.axis]) > MAX_CACHED_VALUES:
        return Given(part.axis)
    return part


def _longest(values: Sequence[Value]) -> int:
    return max(len(value) if isinstance(value, str) else len(str(value)) for value in values)


def _plain(form: str, names: Sequence[str]) -> Fill:
    if not names:
        return lambda _: form % ()
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
