"""An exact log of amounts over the last seconds, with a running sum.

Amounts less than GROUP_S apart share one entry that leaves with its last amount, so that memory is bounded whatever
the rate; an amount is counted at most GROUP_S too long.
"""

from __future__ import annotations

import math
from collections import deque

GROUP_S = 0.02


class Entry:
    """Amounts taken from `first` to `last`, in seconds of the loop's clock."""

    __slots__ = ("amount", "first", "gone", "last")

    def __init__(self, first: float, last: float, amount: int) -> None:
        self.first, self.last, self.amount, self.gone = first, last, amount, False


class SlidingLog:
    """What was taken within the last `window_s` seconds."""

    __slots__ = ("_entries", "_used", "_window_s")

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._entries: deque[Entry] = deque()
        self._used = 0

    def used(self, now: float) -> int:
        """The sum of what was taken less than a window ago."""
        entries, oldest = self._entries, now - self._window_s
        while entries and entries[0].last <= oldest:
            entry = entries.popleft()
            entry.gone = True
            self._used -= entry.amount
        return self._used

    def add(self, amount: int, at: float) -> Entry:
        """Count `amount` at `at`, which is not before any earlier one; the entry is for correct()."""
        self._used += amount
        if self._entries:
            newest = self._entries[-1]
            if at - newest.first < GROUP_S:
                newest.last = at
                newest.amount += amount
                return newest
        entry = Entry(at, at, amount)
        self._entries.append(entry)
        return entry

    def correct(self, entry: Entry, difference: int) -> None:
        """Add `difference` (negative: take away) to an earlier entry, as if it had been counted so then."""
        if not entry.gone:
            entry.amount += difference
            self._used += difference

    def time_until(self, target: int, now: float) -> float:
        """Seconds until at most `target` is used, if nothing is added; inf: never."""
        missing = self.used(now) - target
        if missing <= 0:
            return 0.0
        for entry in self._entries:
            missing -= entry.amount
            if missing <= 0:
                return entry.last + self._window_s - now
        return math.inf
