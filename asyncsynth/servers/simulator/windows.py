"""Three ways to count a minute, each one limit of requests or of tokens.

Sliding: arrivals of the last 60 s. Fixed: since the clock's last full minute. Bucket: refilled continuously,
holding what bucket_s seconds refill.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Protocol

MINUTE = 60.0
ROUNDING = 1e-6  # what a sum of floats may be off


class Window(Protocol):
    """One limit per minute. Times in seconds, never going back."""

    limit: int

    def wait(self, now: float, amount: int) -> float:
        """Seconds until `amount` fits: 0 now, inf never."""
        ...

    def take(self, now: float, amount: int) -> None:
        """Count `amount`, which fits."""
        ...

    def remaining(self, now: float) -> int: ...

    def reset(self, now: float) -> float:
        """Seconds until the limit is as if never used."""
        ...


class SlidingWindow:
    """At most `limit` in any 60 s; what arrived at t counts until just before t + 60."""

    __slots__ = ("_entries", "_used", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._entries: deque[tuple[float, int]] = deque()  # expiry, amount
        self._used = 0

    def _expire(self, now: float) -> None:
        while self._entries and self._entries[0][0] <= now:
            self._used -= self._entries.popleft()[1]

    def wait(self, now: float, amount: int) -> float:
        self._expire(now)
        missing = self._used + amount - self.limit
        if missing <= 0:
            return 0.0
        for expiry, taken in self._entries:
            missing -= taken
            if missing <= 0:
                return expiry - now
        return math.inf

    def take(self, now: float, amount: int) -> None:
        self._entries.append((now + MINUTE, amount))
        self._used += amount

    def remaining(self, now: float) -> int:
        self._expire(now)
        return self.limit - self._used

    def reset(self, now: float) -> float:
        return max(self._entries[-1][0] - now, 0.0) if self._entries else 0.0


class FixedWindow:
    """At most `limit` from one full minute of the clock to the next."""

    __slots__ = ("_end", "_used", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._end = -math.inf
        self._used = 0

    def _turn(self, now: float) -> None:
        if now >= self._end:
            self._end = (math.floor(now / MINUTE) + 1) * MINUTE
            self._used = 0

    def wait(self, now: float, amount: int) -> float:
        self._turn(now)
        if self._used + amount <= self.limit:
            return 0.0
        return self._end - now if amount <= self.limit else math.inf

    def take(self, now: float, amount: int) -> None:
        self._turn(now)
        self._used += amount

    def remaining(self, now: float) -> int:
        self._turn(now)
        return self.limit - self._used

    def reset(self, now: float) -> float:
        self._turn(now)
        return self._end - now if self._used else 0.0


class Bucket:
    """Refilled with limit/60 a second, full at the start, holding at most what `bucket_s` seconds refill."""

    __slots__ = ("_at", "_level", "_rate", "_size", "limit")

    def __init__(self, limit: int, bucket_s: float) -> None:
        self.limit = limit
        self._rate = limit / MINUTE
        self._size = max(self._rate * bucket_s, 1.0)
        self._level = self._size
        self._at = -math.inf

    def _refill(self, now: float) -> None:
        self._level = min(self._size, self._level + max(now - self._at, 0.0) * self._rate)
        self._at = now

    def wait(self, now: float, amount: int) -> float:
        self._refill(now)
        if amount <= self._level + ROUNDING:
            return 0.0
        return (amount - self._level) / self._rate if amount <= self._size else math.inf

    def take(self, now: float, amount: int) -> None:
        self._refill(now)
        self._level -= amount

    def remaining(self, now: float) -> int:
        self._refill(now)
        return max(math.floor(self._level + ROUNDING), 0)

    def reset(self, now: float) -> float:
        self._refill(now)
        return (self._size - self._level) / self._rate
