"""How many calls may be in flight: the number that the config names. pace/auto/adaptive finds it instead."""

from __future__ import annotations

from typing import Protocol


class Concurrency(Protocol):
    """A limit on the calls in flight."""

    @property
    def limit(self) -> int: ...

    @property
    def adapts(self) -> bool:
        """Whether it answers a 429 itself, and needs to hear of every call."""
        ...

    def on_send(self, now: float) -> None:
        """A call is sent; times are on the loop's clock."""
        ...

    def on_end(self, sent_at: float) -> None:
        """The call of this time is over, one way or another."""
        ...

    def on_answer(self, latency_s: float, in_flight: int, now: float) -> None:
        """A call came back after `latency_s`; `in_flight` counts it still."""
        ...

    def on_overload(self) -> None:
        """A cascade of 429s begins."""
        ...


class FixedConcurrency:
    """Always `limit`."""

    __slots__ = ("limit",)
    adapts = False

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def on_send(self, now: float) -> None:
        pass

    def on_end(self, sent_at: float) -> None:
        pass

    def on_answer(self, latency_s: float, in_flight: int, now: float) -> None:
        pass

    def on_overload(self) -> None:
        pass
