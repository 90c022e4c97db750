"""A source of values that are never held, as if they were millions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from asyncsynth.recipe.sources.source import HELD_BYTES, Source, Told
from asyncsynth.values import Value


class Unheld(Source):
    """These values."""

    def __init__(self, values: Sequence[Value]) -> None:
        super().__init__(Told(Path("x"), {}, "0", None, HELD_BYTES + 1, 100))
        self._given = values

    def __len__(self) -> int:
        return len(self._given)

    def value(self, number: int) -> Value:
        return self._given[number]

    def __iter__(self) -> Iterator[Value]:
        return iter(self._given)

    def longer_than(self, size: int) -> Iterator[int]:
        raise AssertionError(size)

    def place(self, number: int) -> str:
        return f"x, line {number + 1}"
