"""Finds how many calls in flight an endpoint can use, from throughput and latency alone.

The method is that of TCP BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14(5), 2016):
climb while throughput grows, then hold a little over the bandwidth-delay product (knee = throughput x the latency
without a queue), and keep both factors fresh by probing down, and up where that shows no queue. Throughput is
Little's law, in flight / mean latency. Why not Vegas or Netflix's Gradient2, which compare each latency with the lowest
or a long average: answers of a language model differ in length, so the lowest latency is that of the shortest answer,
and a long average follows the queue. On 429s it is AIMD (Chiu and Jain, 1989): one cut a cascade, then small steps up.

Everything happens at the end of epochs: some answers are skipped, because they were sent under the limit before, then
some are averaged: the more their latencies vary, the more. An epoch in which callers left the limit unused decides
nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto

FIRST_LIMIT = 4
HIGHEST_LIMIT = 1024
HEADROOM = 1.25  # over the knee: a few calls queue at the server so that it never idles
USED = 0.85  # of the limit; below that it isn't the limit that holds the callers back
DOWN = 0.75  # of the limit, when probing whether fewer would do
FAR_DOWN = 0.5  # once fewer did
UP = 1.25
FASTER_UP = 1.5  # when latency fell
FASTEST_UP = 2.0
GROWS = 0.4  # of what a proportional growth would bring: more calls pay
DOUBLED_GROWS = 0.12  # the same for twice the calls, which can be told from noise: llama.cpp gains so little to its end
STILL_FULL = 0.2  # of what a proportional loss would cost: fewer calls would do
NEVER_FULL = 0.8  # of it: there is no queue at all, the knee is higher
FEWEST_HOLDS, MOST_HOLDS = 2, 8  # epochs between probes: twice as many each time the knee is found where it was
SAME_KNEE = 0.92, 1.25  # times where it was: lower means that calls queue for nothing
NO_QUEUE = 1.1  # times the latency that was proven to be without one
PRECISE_ANSWERS = 24, 300  # fewest and most for a measurement to about 4%
SLOWER, FASTER = 1.3, 0.9  # times the latency of the hold: the server has changed
AIMD_CUT = 0.8
AIMD_STEP = 0.05  # of the limit that was cut, added every epoch


class Phase(Enum):
    """What the present epoch is for."""

    CLIMB = auto()  # is there more throughput with more calls?
    HOLD = auto()  # the server's knee is known
    PROBE = auto()  # would fewer calls do?
    CREEP = auto()  # after a 429: small steps up


@dataclass(frozen=True, slots=True)
class Measure:
    """Means of one epoch."""

    in_flight: float
    latency_s: float

    @property
    def throughput(self) -> float:
        return self.in_flight / self.latency_s


class AdaptiveConcurrency:
    """`limit` moves by what on_answer() and on_overload() tell."""

    __slots__ = (
        "_answers",
        "_base_s",
        "_cut_from",
        "_first",
        "_flights",
        "_holds",
        "_holds_wanted",
        "_knee",
        "_latency_s",
        "_most",
        "_proven_s",
        "_reference",
        "_skip",
        "_squares",
        "_up",
        "_variation",
        "_wanted",
        "limit",
        "phase",
    )
    adapts = True

    def __init__(self, first: int = FIRST_LIMIT, most: int = HIGHEST_LIMIT) -> None:
        self._first = first  # 0 once it has proved right or wrong
        self._most = most
        self._base_s = 0.0  # latency without a queue; 0: unknown
        self._proven_s = 0.0  # the same, where a probe lost throughput and so proved it
        self._reference: Measure | None = None
        self._up = FASTEST_UP
        self._knee = 0.0  # calls in flight at which throughput stopped to grow; 0: unknown
        self._holds = 0
        self._holds_wanted = FEWEST_HOLDS
        self._variation = 0.1  # of latencies: variance over squared mean
        self._cut_from = 0
        self._begin(Phase.CLIMB, first, 0)

    def on_answer(self, latency_s: float, in_flight: int) -> None:
        """A call came back after `latency_s`; `in_flight` counts it still."""
        if self._skip > 0:
            self._skip -= 1
            return
        self._answers += 1
        self._latency_s += latency_s
        self._squares += latency_s * latency_s
        self._flights += in_flight
        if self._answers >= self._wanted:
            self._end_epoch()

    def on_overload(self) -> None:
        """A cascade of 429s begins: cut once and creep up again."""
        self._cut_from = self.limit
        self._begin(Phase.CREEP, int(self.limit * AIMD_CUT), self.limit)

    def _begin(self, phase: Phase, limit: int, skip: int) -> None:
        """Start an epoch at `limit`, after as many answers as may still be from the limit before."""
        self.phase = phase
        self.limit = min(max(limit, 1), self._most)
        self._skip = max(skip, self.limit) if skip else 0
        fewest, most = PRECISE_ANSWERS
        precise = min(max(round(self._variation * 1_000), fewest), most)
        match phase:
            case Phase.PROBE:
                self._wanted = max(2 * self.limit, precise)
            case Phase.HOLD:
                self._wanted = max(self.limit, precise)
            case Phase.CLIMB:
                self._wanted = max(self.limit, 16) if self._up >= FASTEST_UP else max(2 * self.limit, precise)
            case Phase.CREEP:
                self._wanted = max(self.limit, 4)
        self._answers = self._flights = 0
        self._latency_s = self._squares = 0.0

    def _end_epoch(self) -> None:
        measure = Measure(self._flights / self._answers, max(self._latency_s / self._answers, 1e-9))
        squared = measure.latency_s * measure.latency_s
        variation = max(self._squares / self._answers / squared - 1, 0.0)
        self._variation += (variation - self._variation) / 4
        if measure.in_flight < USED * self.limit:
            self._begin(self.phase, self.limit, 0)
            return
        match self.phase:
            case Phase.CLIMB:
                self._climb(measure)
            case Phase.HOLD:
                self._hold(measure)
            case Phase.PROBE:
                self._probe(measure)
            case Phase.CREEP:
                self._creep(measure)

    def _climb(self, measure: Measure) -> None:
        before = self._reference
        enough = DOUBLED_GROWS if self._up >= FASTEST_UP else GROWS
        if before is not None and _gain(before, measure) < enough:
            if self.limit <= FASTEST_UP * self._first:
                # Nothing has paid yet: perhaps even the first limit is too high.
                self._first = 0
                self._reference = before
                self._begin(Phase.PROBE, round(before.in_flight * FAR_DOWN), self.limit)
                return
            # Where the climb began there may have been a queue already; what a probe saw last had none.
            self._base_s = min(self._base_s, before.latency_s) or before.latency_s
            self._hold_at_knee(measure.throughput * self._base_s)
            return
        if before is None:
            self._base_s = measure.latency_s
        else:
            self._base_s = before.latency_s
            self._first = 0
        self._climb_from(measure, FASTEST_UP)

    def _climb_from(self, measure: Measure, ratio: float) -> None:
        self._reference = measure
        self._up = ratio
        self._begin(Phase.CLIMB, max(self.limit + 1, round(measure.in_flight * ratio)), self.limit)

    def _hold_at_knee(self, knee: float) -> None:
        lowest, highest = SAME_KNEE
        same = lowest * self._knee <= knee <= highest * self._knee
        self._holds_wanted = min(2 * self._holds_wanted, MOST_HOLDS) if same else FEWEST_HOLDS
        self._knee = knee
        self._reference = None
        self._holds = 0
        self._begin(Phase.HOLD, _with_headroom(knee), self.limit)

    def _hold(self, measure: Measure) -> None:
        before = self._reference
        # Just after a change of the limit, the queue that it makes beyond the knee is what is to be expected.
        expected_s = self._base_s * max(self.limit / self._knee, 1.0) if before is None else before.latency_s
        if self._base_s and measure.latency_s > SLOWER * expected_s:
            # Fewer places or a slower server? Give way first; the probe that follows at once tells.
            self._hold_at_knee(measure.throughput * self._base_s)
            self._base_s = self._proven_s = 0.0
            self._holds_wanted = 1
            return
        if measure.latency_s < FASTER * expected_s:
            self._proven_s = 0.0
            self._climb_from(measure, FASTER_UP)
            return
        self._reference = measure if before is None else _mean(before, measure, 1 / (self._holds + 1))
        self._holds += 1
        if self._holds < self._holds_wanted:
            self._begin(Phase.HOLD, self.limit, 0)
        elif self.limit == 1:
            self._climb_from(measure, UP)
        else:
            self._probe_below(DOWN)

    def _probe_below(self, ratio: float) -> None:
        self._begin(Phase.PROBE, max(min(self.limit - 1, round(self.limit * ratio)), 1), self.limit)

    def _probe(self, measure: Measure) -> None:
        before = self._reference
        assert before is not None
        self._base_s = measure.latency_s
        loss = (1 - measure.throughput / before.throughput) / (1 - measure.in_flight / before.in_flight)
        if loss >= NEVER_FULL:
            self._proven_s = measure.latency_s
        elif measure.latency_s <= NO_QUEUE * self._proven_s:
            self._hold_at_knee(measure.in_flight)  # fewer would lose some, an earlier probe has seen
            return
        if loss <= STILL_FULL and self.limit > 1:
            self._reference = measure
            self._probe_below(DOWN if self._holds else FAR_DOWN)
            self._holds = 0
        elif loss >= NEVER_FULL:
            self._climb_from(before, UP)
        else:
            self._hold_at_knee(before.throughput * measure.latency_s)

    def _creep(self, measure: Measure) -> None:
        if self._base_s and measure.latency_s > SLOWER * HEADROOM * self._base_s:
            self._hold_at_knee(measure.throughput * self._base_s)
        elif self._knee and self.limit >= _with_headroom(self._knee):
            self._hold_at_knee(self._knee)
        else:
            self._begin(Phase.CREEP, self.limit + max(round(self._cut_from * AIMD_STEP), 1), 0)


def _with_headroom(knee: float) -> int:
    """A limit at which a call always queues; without a queue nothing would tell when the server gets faster."""
    return max(round(HEADROOM * knee), math.ceil(knee + 0.5) if knee >= 1.75 else 1)


def _mean(one: Measure, other: Measure, weight: float) -> Measure:
    return Measure(
        one.in_flight + (other.in_flight - one.in_flight) * weight,
        one.latency_s + (other.latency_s - one.latency_s) * weight,
    )


def _gain(fewer: Measure, more: Measure) -> float:
    """How throughput grew with the calls in flight: 1 in proportion, 0 not at all."""
    return (more.throughput / fewer.throughput - 1) / max(more.in_flight / fewer.in_flight - 1, 1e-9)
