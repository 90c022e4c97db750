"""The calls in flight and how old they are: some servers let a call wait for ever while newer ones overtake it.

llama.cpp's does, once more calls are there than slots: of 16 in flight some got no slot for three minutes while the
others took 20 seconds. The mean latency of those that end says nothing of them, and Little's law too much.
"""

from __future__ import annotations

from collections.abc import Iterable

OVERDUE = 2.0  # times the mean latency of the others


class InFlight:
    """Send times of the calls that have no end yet."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: dict[float, int] = {}

    def sent(self, at: float) -> None:
        self._sent[at] = self._sent.get(at, 0) + 1

    def ended(self, sent_at: float) -> None:
        left = self._sent.get(sent_at, 0) - 1
        if left > 0:
            self._sent[sent_at] = left
        else:
            self._sent.pop(sent_at, None)

    def ages(self, now: float) -> list[float]:
        """Seconds, oldest first."""
        return [now - at for at, calls in self._sent.items() for _ in range(calls)]


def overdue_s(ages: Iterable[float], latency_s: float) -> float:
    """Seconds that calls have waited beyond OVERDUE times this latency, in all."""
    return sum(age - OVERDUE * latency_s for age in ages if age > OVERDUE * latency_s)
