"""A circuit breaker: single probes with growing spacing instead of a flood into an endpoint that is down.

It opens when most of the last WINDOW outcomes were overload, and after every 429, which is the endpoint's own word
that it takes no more. While it is open one call at a time is let through. A failed probe doubles the time to the next,
up to LONGEST_SPACING_S, so a ten-minute storm sees about 45 probes; good probes close it: one where none failed before,
else PROBES_TO_CLOSE. After a 429 a probe that isn't refused within PATIENCE_S has passed: a refusal comes in
milliseconds, an answer may take a minute.

The pattern: Nygard, Release It!, "Circuit Breaker"; https://martinfowler.com/bliki/CircuitBreaker.html.
"""

from __future__ import annotations

from collections import deque

WINDOW = 20
FIRST_SPACING_S = 1.0
LONGEST_SPACING_S = 15.0
PROBES_TO_CLOSE = 3
PATIENCE_S = 5.0


class Breaker:
    """Closed: nothing is held. Open: probes only. Times on the loop's clock; an outcome is told once."""

    __slots__ = ("_failed", "_limited", "_next_at", "_outcomes", "_passed", "_probe_at", "_probe_failed", "is_open")

    def __init__(self) -> None:
        self.is_open = False
        self._outcomes: deque[bool] = deque(maxlen=WINDOW)  # True: overload
        self._failed = 0  # of _outcomes
        self._limited = False  # opened by a 429 and nothing worse
        self._next_at = 0.0
        self._probe_at: float | None = None  # when the probe in flight was sent
        self._probe_failed = 0  # probes running
        self._passed = 0

    def wait(self, now: float) -> float | None:
        """Seconds until a call may be sent: 0 now, None when the probe in flight has to end first."""
        if not self.is_open:
            return 0.0
        if self._probe_at is None:
            return max(self._next_at - now, 0.0)
        if not self._limited:
            return None
        if (patience := self._probe_at + PATIENCE_S - now) > 0:
            return patience
        self._pass(now)
        return 0.0

    def on_send(self, now: float) -> bool:
        """A call is sent; True: it is a probe."""
        if self.is_open:
            self._probe_at = now
        return self.is_open

    def on_answer(self, *, probe: bool, now: float) -> bool:
        """A call was not refused; True: this closed the breaker."""
        if not self.is_open:
            self._note(overload=False)
        elif probe:
            self._pass(now)
            return not self.is_open
        return False

    def on_overload(self, *, probe: bool, limited: bool, now: float) -> bool:
        """A call was refused for overload (`limited`: a 429); True: this opened the breaker."""
        if self.is_open:
            if probe:
                self._fail(limited=limited, now=now)
            return False
        self._note(overload=True)
        if limited or (len(self._outcomes) == WINDOW and self._failed > WINDOW // 2):
            self._open(limited=limited, now=now)
            return True
        return False

    def on_nothing(self, *, probe: bool) -> None:
        """A call ended without news about load: the next may probe."""
        if probe:
            self._probe_at = None

    def _note(self, *, overload: bool) -> None:
        outcomes = self._outcomes
        if len(outcomes) == WINDOW:
            self._failed -= outcomes[0]
        outcomes.append(overload)
        self._failed += overload

    def _open(self, *, limited: bool, now: float) -> None:
        self.is_open = True
        self._limited = limited
        self._next_at = now + FIRST_SPACING_S
        self._probe_at = None
        self._probe_failed = self._passed = 0
        self._outcomes.clear()
        self._failed = 0

    def _fail(self, *, limited: bool, now: float) -> None:
        self._limited = limited
        self._probe_failed += 1
        self._passed = 0
        self._probe_at = None
        self._next_at = now + min(FIRST_SPACING_S * 2**self._probe_failed, LONGEST_SPACING_S)

    def _pass(self, now: float) -> None:
        self._passed += 1
        self._probe_at = None
        self._next_at = now
        if self._passed >= (PROBES_TO_CLOSE if self._probe_failed else 1):
            self.is_open = False
