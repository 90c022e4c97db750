"""Whether every sample of a recipe asks something of its own, proven without going through the samples.

A template is text and pieces, each rendered from one axis. Read two renderings of it, of two combinations, from left
to right, and let x and y be the texts of the first piece that differs; what stands before it is the same in both.
Unless one is a prefix of the other, the renderings differ within them. Let x be the shorter one, y = x + c + ...:
after x the first rendering goes on with what follows the piece, and if none of what can follow it begins with c, the
renderings differ there; if nothing follows, they differ in length. So, by induction, two renderings that are equal
have equal texts for every piece up to the first one for which that can't be said. If for each axis the texts of such
pieces, of request and system text together, tell all its values apart, equal requests come from equal combinations.
Axes that depend on each other are one here: their texts together must tell their combinations apart. For rows of a
source that are too many to be held, see rows_apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import takewhile

from msgspec import Struct

from asyncsynth.recipe.axis import Axis, Shuffled
from asyncsynth.recipe.filling import MAX_CACHED_VALUES
from asyncsynth.recipe.pieces import Given, Part, Piece
from asyncsynth.recipe.render_errors import RENDER_ERRORS
from asyncsynth.recipe.rows_apart import Read, Unreadable, rows_differ
from asyncsynth.recipe.sources.source import Source
from asyncsynth.values import Value

PROOF_SECONDS = 5.0  # of processor time
ROW_SECONDS = 20e-6  # more for each row of a source: to go through its samples takes several times that


def all_differ(
    templates: Sequence[Sequence[Part] | None],
    axes: Sequence[Axis],
    values: Mapping[str, Sequence[Value]],
    processor_time: Callable[[], float] = time.thread_time,
) -> bool:
    """Whether any two combinations make these templates, with nothing for the given names, differ in one of them.

    `values` are those of all names, also of those that are drawn: they follow from the rest, and needn't be told.

    False where that can't be proven: with control flow, with an expression over several axes, with pieces side by side
    that could be divided otherwise, for lists of more than MAX_CACHED_VALUES values, and where it takes PROOF_SECONDS.
    """
    sources = {axis.names[0]: source for axis in axes if (source := _source(axis)) is not None}
    if any(axis.size > MAX_CACHED_VALUES and axis.names[0] not in sources for axis in axes):
        return False
    until = processor_time() + PROOF_SECONDS + ROW_SECONDS * sum(map(len, sources.values()))
    columns = {name: column.values for axis in axes for name, column in zip(axis.names, axis.columns, strict=True)}
    texts_of = _Texts({**values, **columns}, lambda: processor_time() > until)
    try:
        return _Proof([parts or () for parts in templates], axes, texts_of).holds(sources)
    except (*RENDER_ERRORS, TimeoutError):
        return False


def _source(axis: Axis) -> Source | None:
    """Where the values of an axis are read from, whenever they are needed; None where they are in memory."""
    values = axis.columns[0].values
    return values.source if isinstance(values, Shuffled) else None


class _Proof:
    """What can be read off the templates; less and less, as more turns out to be unreadable."""

    def __init__(self, templates: Sequence[Sequence[Part]], axes: Sequence[Axis], texts_of: _Texts) -> None:
        self._axes, self._late = axes, texts_of.late
        self._readings = [list(_told_apart(parts, texts_of)) for parts in templates]

    def holds(self, sources: Mapping[str, Source]) -> bool:
        """Whether what can be read tells the values of every axis apart."""
        while True:
            told = [reading for readings in self._readings for reading in readings]
            by_axis = {
                name: [one for one in told if one.piece.axis == name] for axis in self._axes for name in axis.names
            }
            try:
                return all(self._apart(axis, by_axis, sources) for axis in self._axes)
            except _Cut as cut:
                self._readings = [_before(cut.at, readings) for readings in self._readings]

    def _apart(self, axis: Axis, told: Mapping[str, Sequence[_Reading]], sources: Mapping[str, Source]) -> bool:
        readings = [reading for name in axis.names for reading in told[name]]
        if axis.size == 1:
            return True
        if (source := sources.get(axis.names[0])) is None:
            return len(set(zip(*(reading.texts for reading in readings), strict=True))) == axis.size
        try:
            return rows_differ(source, [Read(one.piece, one.follows) for one in readings], self._late)
        except Unreadable as unreadable:
            raise _Cut(readings[unreadable.number]) from None


class _Cut(Exception):
    """A reading turned out to be none."""

    def __init__(self, at: _Reading) -> None:
        super().__init__()
        self.at = at


def _before(cut: _Reading, readings: Sequence[_Reading]) -> list[_Reading]:
    return list(takewhile(lambda reading: reading is not cut, readings))


class _Reading(Struct, frozen=True):
    """A piece with its text for every value, none of a source; `follows` is the text that stands right after it."""

    piece: Piece
    texts: Sequence[str]
    follows: str


class _Texts:
    """The text of a piece for every number of its axis; None for one of a source.

    TimeoutError where all of them together take too long, which `late` says.
    """

    def __init__(self, values: Mapping[str, Sequence[Value]], late: Callable[[], bool]) -> None:
        self._values, self.late = values, late

    def __call__(self, part: Part) -> Sequence[str] | None:
        if not isinstance(part, Piece):
            return [str(part)]
        values = self._values[part.axis]
        if isinstance(values, Shuffled):
            return None
        known: dict[int, str] = {}  # by id: values of axes that depend on each other are there several times
        texts = []
        for value in values:
            text = known.get(id(value))
            if text is None:
                text = known[id(value)] = part.render(value)
                if not part.plain and self.late():
                    raise TimeoutError
            texts.append(text)
        return texts


def _told_apart(parts: Sequence[Part], texts_of: _Texts) -> Iterator[_Reading]:
    """The pieces whose texts can be read off the rendered template; of those of sources it is yet to be shown."""
    pieces = [(part, texts_of(part)) for part in parts if not isinstance(part, Given)]
    following: frozenset[str] | None = frozenset()  # first characters of what can stand after a piece; None: any
    follows = []
    for _, texts in reversed(pieces):
        follows.append(following)
        following = _first_characters(texts, following)
    text_after = [part if isinstance(part, str) else None for part, _ in pieces[1:]]
    text_after += [""] * bool(pieces)
    for (part, texts), after, text in zip(pieces, reversed(follows), text_after, strict=True):
        if texts is None:
            if text is None:
                return
        elif len(several := set(texts)) > 1 and (after is None or not _readable(several, after)):
            return
        if isinstance(part, Piece):
            yield _Reading(part, texts or (), text or "")


def _first_characters(texts: Sequence[str] | None, following: frozenset[str] | None) -> frozenset[str] | None:
    if texts is None:
        return None
    first = frozenset(text[0] for text in texts if text)
    if all(texts):
        return first
    return None if following is None else first | following


def _readable(texts: Collection[str], after: Collection[str]) -> bool:
    """Whether no text goes on, where another one ends, with what can stand after that one."""
    prefixes: list[str] = []  # of the text before, in the order of their lengths; sorting puts them right before it
    for text in sorted(texts):
        while prefixes and not text.startswith(prefixes[-1]):
            prefixes.pop()
        if any(text[len(prefix)] in after for prefix in prefixes):
            return False
        prefixes.append(text)
    return True
