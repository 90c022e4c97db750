"""A circuit breaker: single probes with growing spacing instead of a flood into an endpoint that is down.

It opens after every 429, which is the endpoint's own word that it takes no more; when most of the last WINDOW outcomes
were overload; and when whoever watches the run doubts that anything good still comes. While it is open one call at a
time is let through. A failed probe doubles the time to the next, up to LONGEST_SPACING_S, so a ten-minute storm sees
about 45 probes. What closes it depends on its cause, see Cause.

The pattern: Nygard, Release It!, "Circuit Breaker"; https://martinfowler.com/bliki/CircuitBreaker.html.
"""

from __future__ import annotations

import math
from collections import deque
from enum import Enum, auto

WINDOW = 20
FIRST_SPACING_S = 1.0
LONGEST_SPACING_S = 15.0
PROBES_TO_CLOSE = 3
PATIENCE_S = 5.0


class Cause(Enum):
    """Why it is open, or what a probe failed by."""

    LIMITED = auto()  # 429: a good probe closes it; so does one that is not refused within PATIENCE_S, for answers
    # may take a minute, and refusals come in milliseconds. After a failed probe PROBES_TO_CLOSE are needed.
    OVERLOADED = auto()  # 503: the same, but a probe without an end has not passed
    SILENT = auto()  # nothing good comes: whoever doubted closes it


class Breaker:
    """Open while there is a `cause`: then probes only. Times on the loop's clock; an outcome is told once."""

    __slots__ = ("_failed", "_next_at", "_outcomes", "_passed", "_probe_at", "_probe_failed", "cause")

    def __init__(self) -> None:
        self.cause: Cause | None = None
        self._outcomes: deque[bool] = deque(maxlen=WINDOW)  # True: overload
        self._failed = 0  # of _outcomes
        self._next_at = 0.0
        self._probe_at: float | None = None  # when the probe in flight was sent
        self._probe_failed = 0  # probes running
        self._passed = 0

    def wait(self, now: float) -> float:
        """Seconds until a call may be sent: 0 now, inf when the probe in flight has to end first."""
        if self.cause is None:
            return 0.0
        if self._probe_at is None:
            return max(self._next_at - now, 0.0)
        return self._probe_at + PATIENCE_S - now if self.cause is Cause.LIMITED else math.inf

    def catch_up(self, now: float) -> None:
        """A probe after a 429 that was not refused for PATIENCE_S has passed."""
        if self.cause is Cause.LIMITED and self._probe_at is not None and self._probe_at + PATIENCE_S - now <= 0:
            self._pass(now)

    def on_probe(self, now: float) -> None:
        """A call is sent while this is open."""
        self._probe_at = now

    def on_answer(self, *, probe: bool, now: float) -> None:
        """A call was answered."""
        if self.cause is None:
            if self._failed or len(self._outcomes) < WINDOW:  # another good one changes nothing where all are good
                self._note(overload=False)
        elif probe:
            self._pass(now)

    def on_rejection(self, *, probe: bool, now: float) -> None:
        """A request was refused for what it is, or its answer is of no use: no overload, but nothing good either."""
        if self.cause is Cause.SILENT:
            self.on_failure(Cause.SILENT, probe=probe, now=now)
        else:
            self.on_answer(probe=probe, now=now)

    def on_failure(self, cause: Cause, *, probe: bool, now: float) -> None:
        """A call was refused for its rate or for overload, or failed otherwise (SILENT)."""
        if self.cause is not None:
            if probe:
                self._fail(cause, now)
        elif cause is not Cause.SILENT:
            self._note(overload=True)
            if cause is Cause.LIMITED or (len(self._outcomes) == WINDOW and self._failed > WINDOW // 2):
                self.open(cause, now)

    def on_nothing(self, *, probe: bool) -> None:
        """A call ended without news for this: the next may probe."""
        if probe:
            self._probe_at = None

    def open(self, cause: Cause, now: float) -> None:
        """From now on only probes, the first after FIRST_SPACING_S."""
        self.cause = cause
        self._next_at = now + FIRST_SPACING_S
        self._probe_at = None
        self._probe_failed = self._passed = 0
        self._outcomes.clear()
        self._failed = 0

    def close(self) -> None:
        """Nothing is held any more."""
        self.cause = None

    def _note(self, *, overload: bool) -> None:
        outcomes = self._outcomes
        if len(outcomes) == WINDOW:
            self._failed -= outcomes[0]
        outcomes.append(overload)
        self._failed += overload

    def _fail(self, cause: Cause, now: float) -> None:
        if cause is not Cause.SILENT:  # who doubts opens and closes it, and one failure is no doubt
            self.cause = cause
        self._probe_failed += 1
        self._passed = 0
        self._probe_at = None
        self._next_at = now + min(FIRST_SPACING_S * 2**self._probe_failed, LONGEST_SPACING_S)

    def _pass(self, now: float) -> None:
        self._passed += 1
        self._probe_at = None
        self._next_at = now
        if self.cause is not Cause.SILENT and self._passed >= (PROBES_TO_CLOSE if self._probe_failed else 1):
            self.cause = None
