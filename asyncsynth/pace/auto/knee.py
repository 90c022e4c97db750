"""The fewest calls in flight that bring full throughput, searched between too few calls and enough.

A server with places and a queue has its knee at throughput x the latency without a queue, so one measurement below it
tells where it is. One that works on a batch gets slower with every call and still gains to its last place: there that
product is only where the knee is at least, and the search goes on between it and what is known to be enough.
"""

from __future__ import annotations

import math

from asyncsynth.pace.auto.measure import Measure

STILL_FULL = 0.1  # of what a proportional loss would cost: fewer calls do
NARROW = 1.3  # times where the knee is at least: near enough


class KneeSearch:
    """`full` is the throughput to keep; `enough` calls are known to, `few` are not. Numbers of calls are in flight."""

    __slots__ = ("enough", "few", "full")

    def __init__(self, full: Measure, enough: Measure, few: Measure | None = None) -> None:
        self.full = full
        self.enough = enough
        self.few = None if few is None or self.does(few) else few

    @property
    def begins(self) -> bool:
        """Whether nothing was tried yet but what is full."""
        return self.few is None and self.enough is self.full

    @property
    def knee(self) -> float:
        """Where it is at least, of what is known; at most what is enough."""
        if self.few is None:
            return self.enough.in_flight
        return min(self.few.in_flight * self.full.throughput / self.few.throughput, self.enough.in_flight)

    def does(self, fewer: Measure) -> bool:
        """Whether these calls bring full throughput, too."""
        step = 1 - fewer.in_flight / self.full.in_flight
        return fewer.throughput >= self.full.throughput * (1 - STILL_FULL * step)

    def add(self, fewer: Measure) -> None:
        if self.does(fewer):
            self.enough = fewer
        else:
            self.few = fewer

    def next(self, share: float) -> int | None:
        """What to try next, where nothing is known to be too few this share of what is enough; None: it is found."""
        enough = self.enough.in_flight
        if self.few is None:
            return min(round(enough * share), round(enough) - 1) or None
        if enough <= NARROW * self.knee:
            return None
        between = round(math.sqrt(self.knee * enough))
        return between if self.few.in_flight + 0.5 < between < enough - 0.5 else None
