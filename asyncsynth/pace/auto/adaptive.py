"""Finds how many calls in flight an endpoint can use, from throughput and latency alone.

The method is that of TCP BBR (Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14(5), 2016):
climb while throughput grows, then hold a little over the knee (auto/knee; in BBR the bandwidth-delay product), and keep
it fresh by probing down, and up where throughput grows slowly or shows no queue. Why not Vegas or Netflix's Gradient2,
which compare each latency with the lowest or a long average: answers of a language model differ in length, so the
lowest latency is that of the shortest answer, and a long average follows the queue. On 429s it is AIMD (Chiu and Jain,
1989): one cut a cascade, then small steps up.

Everything happens at the end of epochs (auto/measure). An epoch in which callers left the limit unused decides nothing;
one whose result could be luck goes on until it is precise.
"""

from __future__ import annotations

import math
from enum import Enum, auto

from asyncsynth.pace.auto.in_flight import InFlight
from asyncsynth.pace.auto.knee import KneeSearch
from asyncsynth.pace.auto.measure import FEWEST, Epoch, Measure, gain, loss, together

FIRST_LIMIT = 4
HIGHEST_LIMIT = 1024
HEADROOM = 1.25  # over the knee: a few calls queue at the server so that it never idles
USED = 0.85  # of the limit; below that it isn't the limit that holds the callers back
FIRST_ANSWERS = 16  # of an epoch that doubles the calls
DOWN = 0.75  # of the limit, when probing whether fewer would do
FAR_DOWN = 0.5  # once fewer did
UP = 1.25
FAR_UP = 1.5  # when latency fell, and to see whether many more calls pay
FASTEST_UP = 2.0
GROWS = 0.4  # of what a proportional growth would bring: more calls pay
MANY_MORE_GROW = 0.08  # the same for far more calls, told from noise: llama.cpp gains so little to its last place
NEVER_FULL = 0.8  # of what a proportional loss would cost: there is no queue at all, the knee is higher
DOUBTFUL = 0.35  # of it: with a smaller loss, and some, it may be luck
HALF = 0.7  # of what is enough: far enough below it to see how throughput grows
FEWEST_HOLDS, MOST_HOLDS = 2, 8  # epochs between probes: twice as many each time the knee is found where it was
SAME_KNEE = 0.85, 1.25  # times where it was: lower means that calls queue for nothing
NO_QUEUE = 1.1  # times the latency that was proven to be without one
SLOWER, FASTER = 1.3, 0.9  # times the latency of the hold: the server has changed
CHANGED = 1.5  # times slower with fewer calls, or less throughput with more: the same, within a probe
AIMD_CUT = 0.8
AIMD_STEP = 0.05  # of the limit that was cut, added every epoch


class Phase(Enum):
    """What the present epoch is for."""

    CLIMB = auto()  # is there more throughput with more calls?
    SEARCH = auto()  # how few calls do?
    HOLD = auto()  # the server's knee is known
    PEEK = auto()  # would many more calls pay?
    CREEP = auto()  # after a 429: small steps up


class AdaptiveConcurrency:
    """A Concurrency whose `limit` moves by what it is told."""

    __slots__ = (
        "_base_s",
        "_cut_from",
        "_epoch",
        "_few",
        "_grows_slowly",
        "_holds",
        "_holds_wanted",
        "_in_flight",
        "_knee",
        "_most",
        "_peeked",
        "_proven_s",
        "_reference",
        "_search",
        "_suspected_s",
        "_up",
        "limit",
        "phase",
    )
    adapts = True

    def __init__(self, first: int = FIRST_LIMIT, most: int = HIGHEST_LIMIT) -> None:
        self._most = most
        self._epoch = Epoch()
        self._in_flight = InFlight()
        self._base_s = 0.0  # latency without a queue; 0: unknown
        self._proven_s = 0.0  # the same, where fewer calls lost in proportion and so proved it
        self._suspected_s = 0.0  # what it was before the server changed
        self._reference: Measure | None = None  # what the next measure is compared with
        self._few: Measure | None = None  # fewer calls than the reference's, which paid
        self._search: KneeSearch | None = None
        self._grows_slowly = False  # throughput, below the knee
        self._peeked = False  # since the last search
        self._up = FASTEST_UP
        self._knee = 0.0  # calls in flight at which throughput stopped to grow; 0: unknown
        self._holds = 0
        self._holds_wanted = FEWEST_HOLDS
        self._cut_from = 0
        self._begin(Phase.CLIMB, first)

    def on_send(self, now: float) -> None:
        self._in_flight.sent(now)

    def on_end(self, sent_at: float) -> None:
        self._in_flight.ended(sent_at)

    def on_answer(self, latency_s: float, in_flight: int, now: float) -> None:
        measure = self._epoch.add(latency_s, in_flight, lambda: self._in_flight.ages(now))
        if measure is None:
            return
        if measure.in_flight < USED * self.limit:
            self._begin(self.phase, self.limit)
            return
        match self.phase:
            case Phase.CLIMB:
                self._climb(measure)
            case Phase.SEARCH:
                self._seek(measure)
            case Phase.HOLD:
                self._hold(measure)
            case Phase.PEEK:
                self._peek(measure)
            case Phase.CREEP:
                self._creep(measure)

    def on_overload(self) -> None:
        """A cascade of 429s begins: cut once and creep up again."""
        self._cut_from = self.limit
        self._begin(Phase.CREEP, int(self.limit * AIMD_CUT), skip=self.limit)

    def _begin(self, phase: Phase, limit: int, *, skip: int = 0) -> None:
        """Start an epoch at `limit`, after as many answers as may still be from the limit before, which was `skip`."""
        self.phase = phase
        self.limit = min(max(limit, 1), self._most)
        self._epoch.begin(max(skip, self.limit) if skip else 0, self._wanted())

    def _wanted(self) -> int:
        """Answers of this phase's epochs, at first."""
        precise = self._epoch.precise
        match self.phase:
            case Phase.CLIMB:
                return max(self.limit, FIRST_ANSWERS) if self._up >= FASTEST_UP else max(2 * self.limit, precise)
            case Phase.SEARCH:
                assert self._search is not None
                # Half as many are told from noise four times faster than three quarters.
                step = max(1 - self.limit / self._search.enough.in_flight, 1 - DOWN)
                return max(2 * self.limit, round(precise * ((1 - DOWN) / step) ** 2), FEWEST)
            case Phase.HOLD | Phase.PEEK:
                return max(self.limit, precise)
            case Phase.CREEP:
                return max(self.limit, 4)

    def _goes_on(self) -> bool:
        """Whether this epoch needs more answers to be precise."""
        return self._epoch.go_on(max(2 * self.limit, self._epoch.precise))

    def _climb(self, measure: Measure) -> None:
        before = self._reference
        if before is None:
            self._base_s = measure.latency_s
            self._climb_from(measure, FASTEST_UP)
            return
        if self._base_s and measure.throughput * CHANGED < before.throughput:
            self._give_way(measure)
            return
        grew = gain(before, measure)
        if grew < GROWS and self._goes_on():
            return
        if grew >= (MANY_MORE_GROW if self._up >= FASTEST_UP else GROWS):
            self._grows_slowly = grew < NEVER_FULL
            self._base_s = before.latency_s
            self._few = before
            self._climb_from(measure, FASTEST_UP)
        elif before.answers >= self._epoch.precise:
            self._search = KneeSearch(measure, before, self._few)
            self._try(self._search.next(FAR_DOWN))
        else:  # perhaps it was luck what was measured there
            self._search = KneeSearch(measure, measure, self._few)
            self._try(round(before.in_flight * (FAR_DOWN if self._few is None else 1)))

    def _climb_from(self, measure: Measure, ratio: float) -> None:
        if self.limit >= self._most:
            self._hold_at_knee(self._most / HEADROOM)
            return
        self._reference = measure
        self._up = ratio
        self._begin(Phase.CLIMB, max(self.limit + 1, round(measure.in_flight * ratio)), skip=self.limit)

    def _try(self, fewer: int | None) -> None:
        """Try so many calls; None: hold at the knee that the search has found."""
        assert self._search is not None
        if self._search.few is not None:
            self._base_s = self._search.few.latency_s
        if fewer is None:
            self._hold_at_knee(self._search.knee)
        else:
            self._begin(Phase.SEARCH, fewer, skip=self.limit)

    def _seek(self, measure: Measure) -> None:
        search = self._search
        assert search is not None
        begins, enough = search.begins, search.enough
        if self._base_s and measure.latency_s > CHANGED * enough.latency_s:
            self._give_way(measure)
            return
        lost = loss(enough, measure)
        if 0 < loss(search.full, measure) < DOUBTFUL and self._goes_on():
            return
        search.add(measure)
        if search.few is measure:
            if measure.in_flight < HALF * enough.in_flight:
                self._grows_slowly = lost < NEVER_FULL
            if lost >= NEVER_FULL:
                self._proven_s = measure.latency_s
                if begins:
                    self._base_s = measure.latency_s
                    self._climb_from(enough, UP)
                    return
        elif search.few is None and measure.latency_s <= NO_QUEUE * self._proven_s:
            # Fewer would lose some, an earlier search has seen; the next one looks again.
            self._base_s, self._proven_s = measure.latency_s, 0.0
            self._hold_at_knee(measure.in_flight)
            return
        self._try(search.next(FAR_DOWN))

    def _hold_at_knee(self, knee: float) -> None:
        lowest, highest = SAME_KNEE
        same = lowest * self._knee <= knee <= highest * self._knee
        self._holds_wanted = min(2 * self._holds_wanted, MOST_HOLDS) if same else FEWEST_HOLDS
        self._knee = knee
        self._reference = None
        self._holds = 0
        self._begin(Phase.HOLD, _with_headroom(knee), skip=self.limit)

    def _hold(self, measure: Measure) -> None:
        before = self._reference
        # Just after a change of the limit, the queue that it makes beyond the knee is what is to be expected.
        expected_s = self._base_s * max(self.limit / self._knee, 1.0) if before is None else before.latency_s
        if self._base_s and measure.latency_s > SLOWER * expected_s:
            self._give_way(measure)
            return
        if measure.latency_s < FASTER * expected_s:
            self._proven_s, self._few = 0.0, None
            self._climb_from(measure, FAR_UP)
            return
        held = measure if before is None else together(before, measure, 1 / (self._holds + 1))
        self._reference = held
        self._holds += 1
        if self._holds < self._holds_wanted:
            self._begin(Phase.HOLD, self.limit)
        else:
            self._probe(held)

    def _probe(self, held: Measure) -> None:
        """Would many more calls pay, or fewer do?"""
        if self.limit == 1:
            self._climb_from(held, UP)
        elif self._should_peek:
            self._peeked = True
            self._begin(Phase.PEEK, max(self.limit + 1, round(self.limit * FAR_UP)), skip=self.limit)
        else:
            share = min(DOWN, self._suspected_s * held.throughput / self.limit) if self._suspected_s else DOWN
            self._peeked, self._suspected_s = False, 0.0
            self._search = KneeSearch(held, held)
            self._try(self._search.next(share))

    @property
    def _should_peek(self) -> bool:
        """Once between two searches that found the same knee, where throughput was seen to grow slowly."""
        found_again = self._holds_wanted > FEWEST_HOLDS
        return self._grows_slowly and found_again and not self._peeked and self.limit < self._most

    def _peek(self, measure: Measure) -> None:
        held = self._reference
        assert held is not None
        if gain(held, measure) >= MANY_MORE_GROW:
            self._few, self._proven_s = held, 0.0
            self._climb_from(measure, FAR_UP)
        else:
            self._holds = 0
            self._begin(Phase.HOLD, _with_headroom(self._knee), skip=self.limit)

    def _give_way(self, measure: Measure) -> None:
        """Fewer places or a slower server? The probe that follows at once tells."""
        self._epoch.forget()
        self._hold_at_knee(measure.throughput * self._base_s)
        self._suspected_s, self._base_s, self._proven_s = self._base_s, 0.0, 0.0
        self._holds_wanted = 1

    def _creep(self, measure: Measure) -> None:
        if self._base_s and measure.latency_s > SLOWER * HEADROOM * self._base_s:
            self._hold_at_knee(measure.throughput * self._base_s)
        elif self._knee and self.limit >= _with_headroom(self._knee):
            self._hold_at_knee(self._knee)
        else:
            self._begin(Phase.CREEP, self.limit + max(round(self._cut_from * AIMD_STEP), 1))


def _with_headroom(knee: float) -> int:
    """A limit at which a call always queues; without a queue nothing would tell when the server gets faster."""
    return max(round(HEADROOM * knee), math.ceil(knee + 0.5) if knee >= 1.75 else 1)
