"""How long a sample waits before it is tried again: full jitter, and a retry budget that all samples share."""

from __future__ import annotations

import random
from collections.abc import Callable

BASE_S = 1.0
CAP_S = 60.0


def delay(attempt: int, rng: random.Random, *, base_s: float = BASE_S, cap_s: float = CAP_S) -> float:
    """Seconds before the try after the `attempt`-th failure (1, 2, ...).

    Uniform in [0, min(cap, base * 2**(attempt - 1))]: "Full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
    """
    exponent = min(max(attempt - 1, 0), 32)  # beyond that the cap has long decided
    return rng.uniform(0.0, min(cap_s, base_s * 2**exponent))


class RetryBudget:
    """Retries are at most `ratio` of recent calls plus `floor_per_s`; over that a retry waits, it never fails.

    The token bucket of Finagle's RetryBudget (https://twitter.github.io/finagle/guide/Clients.html#retries) and of
    gRPC's retry throttling. Every call earns `ratio`, every second `floor_per_s`, a retry costs 1; at most `burst` is
    saved up. The ratio is higher than theirs (0.2 and 0.1): calls in flight are bounded here, so that retries can't
    multiply load, only take the place of other calls; an endpoint that fails every third call is still used fully.
    """

    __slots__ = ("_at", "_burst", "_floor_per_s", "_ratio", "_saved")

    def __init__(self, now: float, *, ratio: float = 0.5, floor_per_s: float = 1.0, burst: float = 50.0) -> None:
        self._ratio = ratio
        self._floor_per_s = floor_per_s
        self._burst = burst
        self._saved = burst
        self._at = now

    def on_call(self) -> None:
        """A call was sent."""
        if self._saved < self._burst:
            self._saved = min(self._burst, self._saved + self._ratio)

    def spend(self, now: float) -> float:
        """Take one retry; seconds until the floor alone has earned it (0: it is there), at most CAP_S."""
        self._saved = min(self._burst, self._saved + (now - self._at) * self._floor_per_s)
        self._at = now
        # The debt is bounded: what can't be waited for is not owed either.
        self._saved = max(self._saved - 1.0, -CAP_S * self._floor_per_s)
        return max(-self._saved, 0.0) / self._floor_per_s


class Backoff:
    """Retries of samples, each with the wait before it. `on_call()`: a call was sent; calls earn retries."""

    __slots__ = ("_budget", "_now", "_rng", "on_call")

    def __init__(self, rng: random.Random, budget: RetryBudget, now: Callable[[], float]) -> None:
        self._rng = rng
        self._budget = budget
        self._now = now
        self.on_call = budget.on_call

    def take(self, attempt: int) -> float:
        """Take a retry after a sample's `attempt`-th failure from the budget; the seconds to wait before it."""
        return max(delay(attempt, self._rng), self._budget.spend(self._now()))
