"""One cut of the rate per cascade of 429s, and the way back to full speed.

A burst of 429s is one piece of news: the calls in flight were all sent at the old rate. So only a 429 of a call that
was sent since the last cut is one more.
"""

from __future__ import annotations

import math

CUT = 0.8
CUT_OF_A_LONE_ONE = 0.95
LONE_AFTER = 30  # answers since the last cut: a 429 among so many is hardly about our rate, which needn't fall far
LOWEST = 0.1
STEP = 0.05  # of full speed, given back after each clean interval
FIRST_INTERVAL_S = 2.0
LONGEST_INTERVAL_S = 32.0
_FORGET_S = 120.0  # without a cut, after which the interval is the first one again


class Throttle:
    """The share of full speed that is allowed."""

    __slots__ = ("_base", "_cut_at", "_interval_s", "_since", "answers", "cuts")

    def __init__(self) -> None:
        self.cuts = 0
        self.answers = 0  # since the last cut; the gate counts them
        self._base = 1.0
        self._since = 0.0  # from when clean time counts
        self._cut_at = -math.inf
        self._interval_s = FIRST_INTERVAL_S

    def factor(self, now: float) -> float:
        """The share of full speed allowed at `now`: 1.0 is all of it."""
        if self._base >= 1.0:
            return 1.0
        steps = max(now - self._since, 0.0) // self._interval_s
        return min(self._base + STEP * steps, 1.0)

    def time_to_next_step(self, now: float) -> float:
        """Seconds until factor() grows; inf: never by itself."""
        if self.factor(now) >= 1.0:
            return math.inf
        return self._interval_s - max(now - self._since, 0.0) % self._interval_s + max(self._since - now, 0.0)

    def cut(self, now: float) -> None:
        """A call that was sent since the last cut was refused for its rate."""
        lone = self.answers >= LONE_AFTER
        if now - self._cut_at >= _FORGET_S:
            self._interval_s = FIRST_INTERVAL_S
        elif not lone:
            # Cut again and again means that full speed is too fast: come back more slowly each time.
            self._interval_s = min(self._interval_s * 2, LONGEST_INTERVAL_S)
        self._base = max(self.factor(now) * (CUT_OF_A_LONE_ONE if lone else CUT), LOWEST)
        self.answers = 0
        self._since = self._cut_at = now
        self.cuts += 1

    def hold(self, now: float, *, until: float) -> None:
        """Nothing is sent from `now` to `until`, or only probes: that time is not clean time."""
        self._base = self.factor(now)
        self._since = until

    def resume(self, now: float) -> None:
        """What held it without an end is over."""
        if self._since == math.inf:
            self._since = now
