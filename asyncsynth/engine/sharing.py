"""Samples that ask exactly the same: which of them are asked, and who shares the answers."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from asyncsynth.engine.shelf import Samples, Shelf
from asyncsynth.store.keys import KeySet
from asyncsynth.values import Sample


class Sharing(Struct, frozen=True):
    """So many requests make so many samples; the first `end` samples of the order contain all that are asked.

    `twins`: for each request that several samples share, the positions of all but the one that is asked.
    """

    requests: int
    samples: int
    end: int
    twins: Mapping[str, Sequence[int]]


def sharing(recipe: Samples, shelf: Shelf, wanted: int) -> Sharing:
    """The fewest requests, in order, that make at least so many of the missing samples.

    Whoever asks what is asked anyway is made with it, wherever it stands in the order: that costs nothing.
    """
    first = _first_requests(recipe, shelf, wanted)
    return first if first.samples == wanted else _fewest(recipe, shelf, wanted, first.twins)


def _first_requests(recipe: Samples, shelf: Shelf, most: int) -> Sharing:
    """The first so many requests, with all who share them."""
    twins: dict[str, array[int]] = {}
    asked, end = KeySet(), 0
    for number, position, sample in _missing(recipe, shelf):
        key = sample.key
        if key in asked:
            twins.setdefault(key, array("Q")).append(position)
        elif len(asked) < most:
            asked.add(key)
            end = number
    return Sharing(len(asked), len(asked) + sum(map(len, twins.values())), end, twins)


def _fewest(recipe: Samples, shelf: Shelf, wanted: int, twins: Mapping[str, Sequence[int]]) -> Sharing:
    """No more requests than make the samples that are wanted; `twins` are known."""
    asked, samples, end = KeySet(), 0, 0
    for number, _, sample in _missing(recipe, shelf):
        if asked.add(sample.key):
            samples, end = samples + 1 + len(twins.get(sample.key, ())), number
            if samples >= wanted:
                break
    return Sharing(len(asked), samples, end, {key: of_key for key, of_key in twins.items() if key in asked})


def _missing(recipe: Samples, shelf: Shelf) -> Iterator[tuple[int, int, Sample]]:
    """The samples without an end, each with its number in the order, from 1, and its position."""
    answered, letters = shelf.answered, shelf.dead
    for number, (position, sample) in enumerate(zip(recipe.positions(), recipe.samples(), strict=True), 1):
        if sample.key not in answered and sample.key not in letters:
            yield number, position, sample
