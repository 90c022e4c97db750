"""Concurrency that finds itself, against a simulated server that never sends a 429 and hides its capacity."""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from asyncsynth.pace.auto.adaptive import AIMD_CUT, AIMD_STEP, AdaptiveConcurrency, Phase
from asyncsynth.pace.concurrency import Concurrency, FixedConcurrency
from tests.cells import cells

RUN_S = 600.0  # of one capacity, while a call takes a second
SETTLED_S = RUN_S / 10


@dataclass
class Server:
    """Serves `capacity` calls at once, about a second each, the others wait; clients always have more to do.

    Where it works on a batch, each other call in it makes a call longer by `slowdown`.
    """

    concurrency: Concurrency
    capacity: int
    variation: float  # standard deviation of a call's length
    rng: random.Random
    length_s: float = 1.0
    slowdown: float = 0.0
    fair: bool = True  # the first in its queue is served first
    now: float = 0.0
    answers: list[tuple[float, float]] = field(default_factory=list)  # when, latency
    limits: list[int] = field(default_factory=list)
    _in_flight: int = 0
    _queue: deque[float] = field(default_factory=deque)
    _served: list[tuple[float, float]] = field(default_factory=list)  # until, since when in the queue

    def run(self, until: float) -> None:
        sigma = math.sqrt(math.log(1 + self.variation**2))
        while True:
            while self._in_flight < self.concurrency.limit:
                self._in_flight += 1
                self._queue.append(self.now)
                self.concurrency.on_send(self.now)
            while self._queue and len(self._served) < self.capacity:
                length_s = self.length_s * (1 + self.slowdown * len(self._served))
                length_s *= math.exp(self.rng.gauss(-(sigma**2) / 2, sigma))
                heapq.heappush(
                    self._served, (self.now + length_s, self._queue.popleft() if self.fair else self._queue.pop())
                )
            if self._served[0][0] > until:
                self.now = until
                return
            self.now, since = heapq.heappop(self._served)
            self.answers.append((self.now, self.now - since))
            self.concurrency.on_end(since)
            self.concurrency.on_answer(self.now - since, self._in_flight, self.now)
            self.limits.append(self.concurrency.limit)
            self._in_flight -= 1

    def throughput(self, start: float, end: float) -> float:
        return sum(start <= at < end for at, _ in self.answers) / (end - start)

    def latency(self, start: float, end: float) -> float:
        seen = [latency_s for at, latency_s in self.answers if start <= at < end]
        return sum(seen) / len(seen)


CAPACITIES = [(4, 16), (16, 4), (16, 64), (64, 16), (64, 256), (256, 64), (4, 64), (256, 16)]


@pytest.mark.parametrize(("capacities", "variation"), cells(CAPACITIES, [0.0, 0.3], one_in=2))
def test_95_percent_of_the_best_fixed_throughput_at_1_5_times_the_latency_of_the_knee(
    capacities: tuple[int, int], variation: float
) -> None:
    """From the first 10% on, and again from 10% of the run after the capacity has changed in the middle."""
    server = Server(AdaptiveConcurrency(), capacities[0], variation, random.Random(1))
    for part, capacity in enumerate(capacities):
        server.capacity = capacity
        server.run(RUN_S * (part + 1))
        start, end = RUN_S * part + (part + 1) * SETTLED_S, RUN_S * (part + 1)
        best, knee_s = capacity / server.length_s, server.length_s
        assert server.throughput(start, end) >= 0.95 * best
        assert server.latency(start, end) <= 1.5 * knee_s


@pytest.mark.parametrize("capacity", [1, 2, 3, 8])
def test_small_servers_are_found_too(capacity: int) -> None:
    server = Server(AdaptiveConcurrency(), capacity, 0.2, random.Random(1))
    server.run(RUN_S)
    assert server.throughput(SETTLED_S, RUN_S) >= 0.95 * capacity
    assert server.latency(SETTLED_S, RUN_S) <= 1.5


def test_a_server_that_answers_half_as_fast_keeps_its_calls_in_flight() -> None:
    """It slows down, but has as many places: giving way for long would lose throughput."""
    server = Server(AdaptiveConcurrency(), 16, 0.2, random.Random(1))
    server.run(RUN_S)
    server.length_s = 2.0
    server.run(3 * RUN_S)
    assert server.throughput(1.5 * RUN_S, 3 * RUN_S) >= 0.95 * 8
    assert server.latency(1.5 * RUN_S, 3 * RUN_S) <= 3.0


@pytest.mark.parametrize("variation", [0.0, 0.1, 0.2])
@pytest.mark.parametrize("fair", [True, False], ids=["fair", "newest first"])
def test_a_server_that_batches_gets_what_it_still_gains_by(variation: float, fair: bool) -> None:
    """As the local model on two cores: each call slows the others down, and 8 still bring an eighth more than 4.

    It lets calls starve when there are more than it has slots for, so their latency can't be seen in those that end.
    """

    def batching(concurrency: Concurrency) -> Server:
        return Server(concurrency, 8, variation, random.Random(1), length_s=1.47, slowdown=0.49, fair=fair)

    best, found = batching(FixedConcurrency(8)), batching(AdaptiveConcurrency())
    best.run(5 * RUN_S)
    found.run(5 * RUN_S)
    settled, end = 5 * SETTLED_S, 5 * RUN_S
    assert found.throughput(settled, end) >= 0.95 * best.throughput(settled, end)
    assert found.latency(settled, end) <= 1.5 * best.latency(settled, end)
    assert sum(found.limits) / len(found.limits) == pytest.approx(8, rel=0.3)


def test_a_limit_that_callers_leave_unused_is_not_raised() -> None:
    adaptive = AdaptiveConcurrency(first=8)
    for _ in range(10_000):
        adaptive.on_answer(1.0, 2, 0.0)
    assert adaptive.limit == 8


def test_it_never_goes_above_its_highest_limit() -> None:
    server = Server(AdaptiveConcurrency(most=32), 1_000, 0.2, random.Random(1))
    server.run(120.0)
    assert max(server.limits) == 32


def test_a_cascade_of_429s_cuts_once_and_comes_back_in_small_steps() -> None:
    adaptive = AdaptiveConcurrency()
    server = Server(adaptive, 64, 0.2, random.Random(1))
    server.run(RUN_S)
    before = adaptive.limit
    adaptive.on_overload()
    assert adaptive.limit == int(before * AIMD_CUT)
    seen = len(server.limits)
    while adaptive.phase is Phase.CREEP:
        server.run(server.now + 0.1)
    limits = server.limits[seen:]
    assert max(after - limit for limit, after in pairwise(limits)) <= round(before * AIMD_STEP)
    assert server.now < RUN_S + 20.0
    assert adaptive.limit >= 0.9 * before


def test_after_a_429_it_creeps_even_where_latency_says_there_is_room() -> None:
    adaptive = AdaptiveConcurrency(first=20)
    adaptive.on_overload()
    for _ in range(20 + 16):
        adaptive.on_answer(1.0, adaptive.limit, 0.0)
    assert (adaptive.phase, adaptive.limit) == (Phase.CREEP, 17)


def test_a_fixed_number_stays() -> None:
    fixed = FixedConcurrency(7)
    fixed.on_answer(1.0, 7, 0.0)
    fixed.on_overload()
    assert fixed.limit == 7
