"""Which samples can be read: failures, the doubtful, and the rest at random but spread over the axes.

And which answers are compared with each other: so many, however few samples are to be read. Chosen by a hash, so that
the same set shows the same samples, and kept in memory that does not grow with the set.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from asyncsynth.outputs.shares import place_of
from asyncsynth.outputs.survey.coverage import path_of, shown

Line = Mapping[str, Any]  # of records.jsonl or failures.jsonl
COMPARED = 2000  # answers
T = TypeVar("T")


class Lot(Generic[T]):
    """Keeps so many of all that is offered, each with the same chance; in the order of their lots."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[tuple[int, int, T]] = []  # the largest number first
        self._offered = 0

    def offer(self, lot: int, one: T) -> None:
        self._offered += 1
        entry = (-lot, -self._offered, one)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, entry)
        elif self._heap and entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def kept(self) -> list[T]:
        return [one for _, _, one in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)]


class Choosing:
    """At most `size` samples: a quarter failures, a quarter doubtful records, the others any records."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._failures, self._doubtful, self._any = Lot[Line](size), Lot[Line](size // 4), Lot[Line](size)
        self._answers = Lot[tuple[str, str]](COMPARED)

    def failure(self, line: Line) -> None:
        self._failures.offer(place_of(line["key"]), line)

    def record(self, line: Line, answer: str, *, doubtful: bool) -> None:
        lot = place_of(line["key"])
        self._any.offer(lot, line)
        self._answers.offer(lot, (line["key"], answer))
        if doubtful:
            self._doubtful.offer(lot, line)

    def answers(self) -> list[tuple[str, str]]:
        """The keys and the texts of the answers to compare."""
        return self._answers.kept()

    def chosen(self) -> tuple[list[Line], list[Line], list[Line]]:
        """Failures, doubtful records, other records; the last ones spread over the axes."""
        doubtful, everything = self._doubtful.kept(), self._any.kept()
        failures = self._failures.kept()[: max(self._size // 4, self._size - len(everything))]
        known = set(map(id, doubtful))
        others = [line for line in everything if id(line) not in known]
        return failures, doubtful, spread(others[: self._size - len(failures) - len(doubtful)])


def spread(lines: Iterable[Line]) -> list[Line]:
    """The same lines, those first whose values came up least often before them.

    The n-th line with a value that is one of v stands at about n * v where all values come up evenly; the axis decides
    that is furthest behind.
    """
    lines = list(lines)
    texts = [
        [shown(value.get(path_of(axis, value).partition(".")[2])) if isinstance(value, Mapping) else shown(value)
         for axis, value in line["combination"].items()]
        for line in lines
    ]  # fmt: skip
    sizes = [len(set(column)) for column in zip(*texts, strict=False)]
    seen: Counter[tuple[int, str]] = Counter()
    places = []
    for values in texts:
        seen.update(enumerate(values))
        places.append(max((seen[each] * size for each, size in zip(enumerate(values), sizes, strict=False)), default=0))
    return [line for _, line in sorted(zip(places, lines, strict=True), key=lambda each: each[0])]
