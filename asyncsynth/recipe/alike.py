"""Whether every sample of a recipe asks something of its own, proven without going through the samples.

A template is text and pieces, each rendered from one axis. Read two renderings of it, of two combinations, from left
to right, and let x and y be the texts of the first piece that differs; what stands before it is the same in both.
Unless one is a prefix of the other, the renderings differ within them. Let x be the shorter one, y = x + c + ...:
after x the first rendering goes on with what follows the piece, and if none of what can follow it begins with c, the
renderings differ there; if nothing follows, they differ in length. So, by induction, two renderings that are equal
have equal texts for every piece up to the first one for which that can't be said. If for each axis the texts of such
pieces, of request and system text together, tell all its values apart, equal requests come from equal combinations.
Axes that depend on each other are one here: their texts together must tell their combinations apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence

from asyncsynth.recipe.axis import Axis
from asyncsynth.recipe.filling import MAX_CACHED_VALUES
from asyncsynth.recipe.pieces import Given, Part, Piece
from asyncsynth.recipe.render_errors import RENDER_ERRORS

PROOF_SECONDS = 5.0  # of processor time


def all_differ(
    templates: Sequence[Sequence[Part] | None],
    axes: Sequence[Axis],
    processor_time: Callable[[], float] = time.thread_time,
) -> bool:
    """Whether any two combinations make these templates, with nothing for the given names, differ in one of them.

    False where that can't be proven: with control flow, with an expression over several axes, with pieces side by side
    that could be divided otherwise, for axes of more than MAX_CACHED_VALUES values, and where it takes PROOF_SECONDS.
    """
    if any(axis.size > MAX_CACHED_VALUES for axis in axes):
        return False
    told: dict[str, list[Sequence[str]]] = {name: [] for axis in axes for name in axis.names}
    texts_of = _Texts(axes, processor_time)
    try:
        for parts in templates:
            for axis, texts in _told_apart(parts or (), texts_of):
                told[axis].append(texts)
    except (*RENDER_ERRORS, TimeoutError):
        return False
    return all(_distinct([texts for name in axis.names for texts in told[name]], axis.size) for axis in axes)


def _distinct(columns: Sequence[Sequence[str]], values: int) -> bool:
    return values == 1 or len(set(zip(*columns, strict=True))) == values


class _Texts:
    """The text of a piece for every number of its axis. TimeoutError where all of them together take too long."""

    def __init__(self, axes: Sequence[Axis], processor_time: Callable[[], float]) -> None:
        self._values = {
            name: column.values for axis in axes for name, column in zip(axis.names, axis.columns, strict=True)
        }
        self._processor_time = processor_time
        self._until = processor_time() + PROOF_SECONDS

    def __call__(self, part: Part) -> Sequence[str]:
        if not isinstance(part, Piece):
            return [str(part)]
        known: dict[int, str] = {}  # by id: values of axes that depend on each other are there several times
        texts = []
        for value in self._values[part.axis]:
            text = known.get(id(value))
            if text is None:
                text = known[id(value)] = part.render(value)
                if not part.plain and self._processor_time() > self._until:
                    raise TimeoutError
            texts.append(text)
        return texts


def _told_apart(parts: Sequence[Part], texts_of: _Texts) -> Iterator[tuple[str, Sequence[str]]]:
    """The pieces whose texts can be read off the rendered template, each with its text for every value."""
    pieces = [(part, texts_of(part)) for part in parts if not isinstance(part, Given)]
    following: frozenset[str] = frozenset()  # first characters of what can stand after a piece
    follows = []
    for _, texts in reversed(pieces):
        follows.append(following)
        first = frozenset(text[0] for text in texts if text)
        following = first if all(texts) else first | following
    for (part, texts), after in zip(pieces, reversed(follows), strict=True):
        if not _readable(set(texts), after):
            return
        if isinstance(part, Piece):
            yield part.axis, texts


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
