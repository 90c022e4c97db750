"""One axis of a space: its values in the seeded order that the walks number them by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import cycle
from typing import Any, Protocol, overload

from msgspec import Struct

from asyncsynth.recipe.canonical import canonical
from asyncsynth.recipe.permutation import Permutation
from asyncsynth.recipe.sources.source import Source
from asyncsynth.values import Value

Label = str | tuple[str]


def label(value: Any) -> Label:
    """A hashable name of a value that tells True, 1, 1.0 and "1" apart; tables by canonical JSON.

    TypeError or ValueError for what no axis can hold and JSON can't write.
    """
    return value if type(value) is str else (canonical(value),)


class Axis(Struct, frozen=True):
    """So many numbers, and for each number a value of each name; there are several names where they depend on each
    other.
    """

    names: tuple[str, ...]
    size: int
    columns: tuple[Column, ...]  # one a name


class Column(Protocol):
    """The values of one name by the axis's numbers."""

    @property
    def values(self) -> Sequence[Value]: ...
    def turned(self, at: int, *, once: bool) -> Iterable[Value]:
        """The values from number `at` on, and on over the end: as many as there are, or without end."""


class Held:
    """A column whose values are in memory."""

    __slots__ = ("_twice", "values")

    def __init__(self, values: Sequence[Value]) -> None:
        self.values = values
        self._twice = tuple(values) * 2  # so that a rotation is one slice

    def turned(self, at: int, *, once: bool) -> Iterable[Value]:
        turned = self._twice[at : at + len(self.values)]
        return turned if once else cycle(turned)


class Shuffled(Sequence[Value]):
    """The values of a source in an order of its rows that is drawn from a text."""

    def __init__(self, source: Source, seed: str) -> None:
        self.source = source
        self._row = Permutation(len(source), seed).at

    def __len__(self) -> int:
        return len(self.source)

    @overload
    def __getitem__(self, number: int) -> Value: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Value]: ...
    def __getitem__(self, number: int | slice) -> Value | Sequence[Value]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        return self.source.value(self._row(number))


class Unheld:
    """A column whose values are read when they are asked for."""

    __slots__ = ("values",)

    def __init__(self, values: Shuffled) -> None:
        self.values = values

    def turned(self, at: int, *, once: bool) -> Iterator[Value]:
        values, size = self.values, len(self.values)
        while True:
            for number in range(at, at + size):
                yield values[number % size]
            if once:
                return


def source_axis(index: int, name: str, source: Source, seed: int) -> Axis:
    """The axis of a source, whose rows may repeat; of many the order is drawn from their numbers in the file."""
    if source.values is source:
        return Axis((name,), len(source), (Unheld(Shuffled(source, f"{seed}/{index}/rows")),))
    return Axis((name,), len(source), (Held(shuffled(source.values, f"{seed}/{index}")),))


def seeded_axis(index: int, name: str, values: Sequence[Value], seed: int) -> Axis:
    """The axis with its values in an order drawn from the seed, the axis's index and the values.

    Neither the axis's name nor the order in which the config lists the values is part of that order.
    ValueError for an axis that is empty or has a value twice.
    """
    if not values:
        raise ValueError(f"axis {name!r} has no value")
    if len(set(map(label, values))) < len(values):
        raise ValueError(f"axis {name!r} has a value twice")
    ordered = shuffled(values, f"{seed}/{index}")
    return Axis((name,), len(ordered), (Held(ordered),))


def shuffled(values: Sequence[Value], seed: str) -> tuple[Value, ...]:
    """The values in an order drawn from the seed and the values, whatever their order was."""

    def draw(value: Value) -> bytes:
        return sha256(f"{seed}/{canonical(value)}".encode("utf-8", "surrogatepass")).digest()

    # Sorting by hash: a shuffle that is the same for every Python version.
    return tuple(sorted(values, key=draw))
