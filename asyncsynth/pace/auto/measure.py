"""Throughput and latency as means over an epoch of answers, and how many answers such a mean needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from asyncsynth.pace.auto.in_flight import overdue_s

FEWEST, MOST = 24, 200  # answers of a precise measurement
FOR_3_PERCENT = 1_000  # times the variation of latencies: the answers whose mean is off by 3% or so
FIRST_MEASURES = 6  # the mean of their variations is what is known at first
RISES, FALLS = 0.25, 0.02  # then, of a difference: calls that queue vary less, their throughput does not
_SHORTEST_S = 1e-9


class Measure(Struct, frozen=True):
    """Means over so many answers."""

    in_flight: float
    latency_s: float
    answers: int

    @property
    def throughput(self) -> float:
        """Answers a second: Little's law."""
        return self.in_flight / self.latency_s


class Epoch:
    """Averages answers: some are skipped, because they were sent under another limit, then `wanted` are taken."""

    __slots__ = (
        "_ages",
        "_answers",
        "_flights",
        "_latency_s",
        "_measures",
        "_skip",
        "_squares",
        "_variation",
        "_variation_before",
        "_wanted",
    )

    def __init__(self) -> None:
        self._variation = self._variation_before = 0.0  # of latencies: variance over squared mean
        self._measures = 0
        self.begin(0, 0)

    @property
    def precise(self) -> int:
        """Answers that make a measurement precise to about 3%."""
        return min(max(round(self._variation * FOR_3_PERCENT), FEWEST), MOST)

    def begin(self, skip: int, wanted: int) -> None:
        self._skip, self._wanted = skip, wanted
        self._ages: Sequence[float] = ()
        self._answers = self._flights = 0
        self._latency_s = self._squares = 0.0

    def add(self, latency_s: float, in_flight: int, ages: Callable[[], Sequence[float]] = tuple) -> Measure | None:
        """Take an answer; the measure, when that completes it. `ages` are those of the calls that are in flight."""
        if self._skip > 0:
            self._skip -= 1
            return None
        if not self._answers:
            self._ages = ages()
        self._answers += 1
        self._flights += in_flight
        self._latency_s += latency_s
        self._squares += latency_s * latency_s
        return self._measure(ages()) if self._answers >= self._wanted else None

    def go_on(self, wanted: int) -> bool:
        """Whether there will be another measure of this epoch, because it has fewer answers than that."""
        self._wanted = wanted
        return self._answers < wanted

    def forget(self) -> None:
        """The last measure straddles a change of the server: its latencies vary by that."""
        self._variation = self._variation_before

    def _measure(self, ages: Sequence[float]) -> Measure:
        latency_s = max(self._latency_s / self._answers, _SHORTEST_S)
        self._learn(max(self._squares / self._answers / (latency_s * latency_s) - 1, 0.0))
        # What calls have waited within this epoch without an end in it; less, where calls that starved before end now.
        waited_s = overdue_s(ages, latency_s) - overdue_s(self._ages, latency_s)
        latency_s = max(latency_s + waited_s / self._answers, latency_s / 2)
        return Measure(self._flights / self._answers, latency_s, self._answers)

    def _learn(self, variation: float) -> None:
        self._variation_before = self._variation
        self._measures += 1
        difference = variation - self._variation
        if self._measures <= FIRST_MEASURES:
            self._variation += difference / self._measures
        else:
            self._variation += difference * (RISES if difference > 0 else FALLS)


def gain(fewer: Measure, more: Measure) -> float:
    """How throughput grew with the calls in flight: 1 in proportion, 0 not at all."""
    return (more.throughput / fewer.throughput - 1) / max(more.in_flight / fewer.in_flight - 1, 1e-9)


def loss(more: Measure, fewer: Measure) -> float:
    """The same for fewer calls: 1 is a loss in proportion."""
    return (1 - fewer.throughput / more.throughput) / max(1 - fewer.in_flight / more.in_flight, 1e-9)


def together(one: Measure, other: Measure, weight: float) -> Measure:
    """The mean of two, the other one with this weight."""
    return Measure(
        one.in_flight + (other.in_flight - one.in_flight) * weight,
        one.latency_s + (other.latency_s - one.latency_s) * weight,
        one.answers + other.answers,
    )
