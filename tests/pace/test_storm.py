"""A ten-minute storm (promise 6): nothing dropped, under 1% probes, full speed within 30 s after it."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from asyncsynth.pace.adaptive import AdaptiveConcurrency
from asyncsynth.pace.concurrency import Concurrency, FixedConcurrency
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.permit import Need
from asyncsynth.pace.requests import RequestLimit
from asyncsynth.values import Action, Billing, Fault, Usage
from tests.virtual_clock import run

STARTS, ENDS, STOPS = 200.0, 800.0, 950.0
LIMITED = Fault("rate_limited", Action.PAUSE, Billing.NO, "429", status=429, counts=False)
OVERLOADED = Fault("overloaded", Action.RETRY, Billing.NO, "503", status=503, overload=True)


@dataclass
class Storm:
    """An endpoint that refuses everything from STARTS to ENDS, in 20 ms; else it answers in about a second."""

    fault: Fault
    rng: random.Random
    sent: list[float] = field(default_factory=list)
    answered: int = 0

    async def work(self, gate: Gate) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < STOPS:
            permit = await gate.admit(Need(1, None))
            self.sent.append(loop.time())
            if STARTS <= loop.time() < ENDS:
                await asyncio.sleep(0.02)
                gate.settle_fault(permit, self.fault, 0)
                if self.fault.action is Action.RETRY:
                    await asyncio.sleep(self.rng.uniform(0, 10))
            else:
                latency_s = self.rng.uniform(0.7, 1.3)
                await asyncio.sleep(latency_s)
                gate.settle(permit, Usage(1, 1), None, latency_s=latency_s)
                self.answered += 1

    def rate(self, start: float, end: float) -> float:
        return sum(start <= at < end for at in self.sent) / (end - start)


@pytest.mark.parametrize("fault", [LIMITED, OVERLOADED], ids=["429", "503"])
@pytest.mark.parametrize("pace", ["600 a minute", "64 in flight", "auto"])
def test_a_ten_minute_storm_is_probed_gently_and_left_within_30_s(fault: Fault, pace: str) -> None:
    storm = Storm(fault, random.Random(1))

    async def main() -> Gate:
        limits: dict[str, Concurrency] = {"600 a minute": FixedConcurrency(200), "64 in flight": FixedConcurrency(64)}
        gate = Gate(
            limits.get(pace) or AdaptiveConcurrency(first=16, most=64),
            requests=RequestLimit(600, 0.0) if pace == "600 a minute" else None,
        )
        await asyncio.gather(*(storm.work(gate) for _ in range(200)))
        return gate

    gate = run(main)
    before = storm.rate(STARTS - 60, STARTS)
    assert before > 9.0
    assert storm.rate(STARTS, ENDS) < 0.01 * before
    assert storm.rate(ENDS + 30, ENDS + 90) > 0.98 * before
    assert gate.throttle.generation <= 1
    assert gate.in_flight == 0
