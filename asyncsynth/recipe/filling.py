"""A template that could be taken apart, filled in for a sample: one format operation and one look-up a piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import getitem, itemgetter
from typing import Any

from asyncsynth.recipe.budget import MAX_CHARACTERS
from asyncsynth.recipe.pieces import Given, Part, Piece
from asyncsynth.recipe.sources.source import Source
from asyncsynth.values import Value

MAX_CACHED_VALUES = 100_000  # of an axis; pieces of one of more are rendered anew for each sample
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
    if len(pieces) > MAX_PIECES:
        return None
    given = [(place, slot.name) for place, slot in enumerate(slots) if isinstance(slot, Given)]
    if any(_too_many(axes[piece.axis]) for piece in pieces):
        return _made(form, pieces, given, axes)
    return _looked_up(form, pieces, given, axes)


def _slot(part: Given | Piece, axes: Mapping[str, Sequence[Value]]) -> Given | Piece:
    if isinstance(part, Piece) and part.plain and _too_many(axes[part.axis]):
        return Given(part.axis)
    return part


def _too_many(values: Sequence[Value]) -> bool:
    """Whether texts of these values are not worth keeping: there are many, or none is in memory for longer."""
    return isinstance(values, Source) or len(values) > MAX_CACHED_VALUES


def _longest(values: Sequence[Value]) -> int:
    if isinstance(values, Source):
        return values.told.longest
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


def _made(
    form: str, pieces: Sequence[Piece], given: Sequence[tuple[int, str]], axes: Mapping[str, Sequence[Value]]
) -> Fill:
    """The same where the texts of some pieces are made for each sample."""
    makers = [(piece.axis, _maker(piece, axes[piece.axis])) for piece in pieces]

    def fill(values: Mapping[str, Value]) -> str:
        texts: list[Any] = [make(values[name]) for name, make in makers]
        for place, name in given:
            texts.insert(place, values[name])
        return form % tuple(texts)

    return fill


def _maker(piece: Piece, values: Sequence[Value]) -> Callable[[Any], str]:
    if not _too_many(values):
        rendered = _Rendered(piece, values)
        return lambda value: rendered[id(value)]

    def make(value: Any) -> str:
        text = piece.render(value)
        if len(text) > MAX_PIECE_CHARACTERS:
            raise Unfit
        return text

    return make


def _row_of(name: str) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    return lambda values: (values[name],)
