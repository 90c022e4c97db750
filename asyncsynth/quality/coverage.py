"""How evenly samples are spread over the values of each axis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Coverage(NamedTuple):
    """Of an axis: how many of its values are among these samples, and how many samples its values have."""

    axis: str
    seen: int
    there: int  # values that it has; 0: unknown
    fewest: int  # samples of one of the values that are seen
    most: int


def coverage_of(combinations: Sequence[Mapping[str, Any]], sizes: Mapping[str, int]) -> tuple[Coverage, ...]:
    """In the order of the axes; `sizes` has the number of their values."""
    axes = dict.fromkeys(axis for combination in combinations for axis in combination)
    return tuple(_coverage(axis, combinations, sizes.get(axis, 0)) for axis in axes)


def _coverage(axis: str, combinations: Sequence[Mapping[str, Any]], there: int) -> Coverage:
    counts = Counter(repr(combination[axis]) for combination in combinations if axis in combination)
    return Coverage(axis, len(counts), there, min(counts.values()), max(counts.values()))
