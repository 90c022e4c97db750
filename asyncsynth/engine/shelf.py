"""What the engine asks of a recipe and of an output directory, to find out what is there and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.keys import KeySet
from asyncsynth.store.mark import Mark
from asyncsynth.values import Sample


class Samples(Protocol):
    """The samples of a recipe, in order, and the position that `at` finds each by.

    `alike`: some may ask exactly the same; else it is certain that none do.
    """

    @property
    def total(self) -> int: ...
    @property
    def limit(self) -> int: ...
    @property
    def alike(self) -> bool: ...
    @property
    def order(self) -> str: ...
    def samples(self, start: int = 0) -> Iterator[Sample]: ...
    def positions(self) -> Iterator[int]: ...


class Before(Protocol):
    """The recipe of the last run: its order, and the keys of its samples, or of those at least that have an answer."""

    @property
    def order(self) -> str: ...
    def sample_keys(self) -> Iterator[str]: ...


class Shelf(Protocol):
    """What is there: keys with an answer, keys with a dead letter, and what the views were noted to hold of them."""

    @property
    def answered(self) -> KeySet: ...
    @property
    def dead(self) -> Mapping[str, DeadLetter]: ...
    @property
    def views(self) -> Mark: ...
    @property
    def new_answers(self) -> Sequence[str]: ...
    @property
    def cleared(self) -> frozenset[str]: ...
