"""How the records and the failures are spread over the axes, one by one and by pairs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from asyncsynth.outputs.survey.values import AxisCoverage, AxisValue, PairCoverage

NAMED = 40  # values of an axis that are counted one by one; a recipe may have millions
_PAIRED = 10  # axes that are paired
_TOGETHER = 5_000  # combinations
_TITLES = ("name", "title", "id")  # what stands for a value that is a table
_DIGITS = re.compile(r"(\d+)")


def shown(value: Any) -> str:
    """A plain value as the config writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def path_of(axis: str, value: Any) -> str:
    """What to look a value up by: the axis, or where its values are tables one of their fields."""
    if not isinstance(value, Mapping) or not value:
        return axis
    title = next((name for name in _TITLES if value.get(name) is not None), next(iter(value)))
    return f"{axis}.{title}"


class _Axis:
    """One axis: the values that came first get numbers, all others share the last one."""

    def __init__(self, axis: str, value: Any) -> None:
        self.path = path_of(axis, value)
        self._field = self.path.partition(".")[2]
        self.numbers: dict[str, int] = {}

    def number(self, value: Any) -> int:
        if self._field:
            value = value.get(self._field) if isinstance(value, Mapping) else None
        text = shown(value)
        number = self.numbers.get(text)
        if number is None:
            number = len(self.numbers)
            if number >= NAMED:
                return NAMED
            self.numbers[text] = number
        return number

    def order(self) -> list[int]:
        """The numbers of the values, sorted as people sort: 2 before 10."""
        return [self.numbers[value] for value in sorted(self.numbers, key=natural)]


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key to sort by, in which digits count as the number that they are."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in _DIGITS.split(text) if part]


class Coverage:
    """Add combinations; the figures are there at any time."""

    def __init__(self) -> None:
        self._axes: list[_Axis] | None = None
        self._new: dict[tuple[Any, ...], int] = {}  # (failed, value, ...), not among the counts yet
        self._pairs: list[tuple[int, int]] = []
        self._counts: list[list[dict[int, int]]] = []  # by kind (0 records, 1 failures) and pair or axis
        self._singles: list[list[dict[int, int]]] = []

    def add(self, combination: Mapping[str, Any], *, failed: bool = False) -> None:
        """A record's combination, or a failure's."""
        if self._axes is None:
            self._begin(combination)
        same = (failed, *combination.values())
        try:
            self._new[same] = self._new.get(same, 0) + 1
        except TypeError:  # a table among the values
            self._count(failed, combination.values(), 1)
            return
        if len(self._new) > _TOGETHER:
            self._count_new()

    def _count_new(self) -> None:
        """Most sets repeat their combinations, so equal ones are counted together."""
        new, self._new = self._new, {}
        for (failed, *values), times in new.items():
            self._count(failed, values, times)

    def _count(self, failed: bool, values: Iterable[Any], times: int) -> None:
        numbers = [axis.number(value) for axis, value in zip(self._axes or (), values, strict=False)]
        singles, pairs = self._singles[failed], self._counts[failed]
        for of_axis, number in zip(singles, numbers, strict=False):
            of_axis[number] = of_axis.get(number, 0) + times
        for of_pair, (row, column) in zip(pairs, self._pairs, strict=True):
            cell = numbers[row] * (NAMED + 1) + numbers[column]
            of_pair[cell] = of_pair.get(cell, 0) + times

    def axes(self) -> tuple[AxisCoverage, ...]:
        """Each axis with its values."""
        self._count_new()
        found = []
        for at, axis in enumerate(self._axes or ()):
            records, failures = (self._singles[failed][at] for failed in (0, 1))
            names = list(axis.numbers)
            values = [AxisValue(names[n], records.get(n, 0), failures.get(n, 0)) for n in axis.order()]
            found.append(AxisCoverage(axis.path, tuple(values), records.get(NAMED, 0) + failures.get(NAMED, 0)))
        return tuple(found)

    def pairs(self) -> tuple[PairCoverage, ...]:
        """Every pair of axes of which both have several values."""
        self._count_new()
        axes, found = self._axes or [], []
        for at, (row, column) in enumerate(self._pairs):
            if min(len(axes[row].numbers), len(axes[column].numbers)) < 2:
                continue
            lines = [self._order(row), self._order(column)]
            records, failures = (_table(self._counts[failed][at], *lines) for failed in (0, 1))
            found.append(PairCoverage(axes[row].path, axes[column].path, records, failures))
        return tuple(found)

    def _begin(self, combination: Mapping[str, Any]) -> None:
        axes = [_Axis(name, value) for name, value in combination.items()]
        self._axes = axes
        self._pairs = list(combinations(range(min(len(axes), _PAIRED)), 2))
        self._singles = [[{} for _ in axes] for _ in (0, 1)]
        self._counts = [[{} for _ in self._pairs] for _ in (0, 1)]

    def _order(self, at: int) -> list[int]:
        assert self._axes is not None
        others = any(NAMED in self._singles[failed][at] for failed in (0, 1))
        return self._axes[at].order() + ([NAMED] if others else [])


def _table(counts: Mapping[int, int], rows: Sequence[int], columns: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(counts.get(row * (NAMED + 1) + column, 0) for column in columns) for row in rows)
