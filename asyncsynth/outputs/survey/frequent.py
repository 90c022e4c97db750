"""Counts what is frequent among any number of things, in memory that does not grow with them."""

from __future__ import annotations

from collections import Counter

_MOST = 20_000


class Frequent:
    """A counter that forgets the rarest when it knows too many.

    What makes up more than one in 10,000 is never forgotten for long (after Misra and Gries, 1982); its count may lack
    as much as one in 10,000 of all.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._counts: Counter[str] = Counter()
        self._most = most

    def add(self, name: str) -> None:
        self._counts[name] += 1
        if len(self._counts) > self._most:
            self._counts = Counter(dict(self._counts.most_common(self._most // 2)))

    def top(self, number: int) -> list[tuple[str, int]]:
        """The most frequent ones with their counts; of equal ones those that came first."""
        return self._counts.most_common(number)
