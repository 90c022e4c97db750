"""Troubles of all kinds at once, drawn from a seed: no dead letter for what passes, no endless spending, an end."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from asyncsynth.engine.health import AGAIN_S, FEW_SAMPLES, PASSING_S, USELESS_ALIKE
from asyncsynth.values import Action, Billing, Fault
from tests.engine.faults import (
    BAD_GATEWAY,
    BAD_JSON,
    BAD_REQUEST,
    EMPTY,
    GATEWAY_TIMEOUT,
    HTML,
    OVERLOADED,
    RATE_LIMITED,
    REJECTED,
    SERVER_ERROR,
    UNREACHABLE,
)
from tests.engine.virtual_run import GOOD, Outcome, Said, Seen, everybody, run

QUICK_SEEDS, SEEDS = 50, 1000
FEW_SAMPLES_TO_MAKE = 200  # what is quick
CHUNKS = 8
OUTAGES = [UNREACHABLE, BAD_GATEWAY, GATEWAY_TIMEOUT, SERVER_ERROR, OVERLOADED, RATE_LIMITED]
PASSING = [BAD_GATEWAY, SERVER_ERROR, BAD_JSON, OVERLOADED, RATE_LIMITED, UNREACHABLE]
REFUSED = [BAD_REQUEST, REJECTED, EMPTY]
LASTING = [BAD_REQUEST, EMPTY, BAD_JSON, HTML, SERVER_ERROR, BAD_GATEWAY]


@dataclass(frozen=True)
class Outage:
    start: float
    end: float
    fault: Fault


@dataclass(frozen=True)
class Weather:
    """What a seed draws. `lasting` is what everything fails by from a moment on, to the end."""

    seed: int
    samples: int
    slots: int
    latency_s: float
    spread: float
    refused: float  # share of the samples
    refusal: Fault
    too_long: float  # share of the samples that a gateway gives up on
    gateway_s: float
    passing: float  # share of the calls
    passing_fault: Fault
    outages: tuple[Outage, ...]
    lasting: Fault | None
    lasts_from: float

    def kind_of(self, sample: int) -> str:
        drawn = random.Random(f"{self.seed} {sample}").random()
        if drawn < self.refused:
            return "refused"
        return "too long" if drawn < self.refused + self.too_long else "good"

    def hopeless(self) -> set[int]:
        return {sample for sample in range(self.samples) if self.kind_of(sample) != "good"}

    def provider(self, call: Seen) -> Said:
        if self.lasting is not None and call.at >= self.lasts_from:
            return Said(self.lasting, 0.05)
        for outage in self.outages:
            if outage.start <= call.at < outage.end:
                return Said(outage.fault, 0.01)
        rng = random.Random(f"{self.seed} {call.number}")
        if rng.random() < self.passing:
            return Said(self.passing_fault, 0.1)
        match self.kind_of(call.sample):
            case "refused":
                return Said(self.refusal, 0.02)
            case "too long":
                return Said(GATEWAY_TIMEOUT, self.gateway_s)
        return Said(GOOD, self.latency_s * rng.uniform(1 - self.spread, 1 + self.spread))


def draw(seed: int) -> Weather:
    rng = random.Random(seed)
    slots, latency_s = rng.choice([1, 2, 8, 16, 64]), rng.choice([0.2, 1.0, 5.0, 30.0])
    samples = rng.choice([3, 48, 200, 60 * slots])
    busy_s = samples * latency_s / slots
    return Weather(
        seed=seed,
        samples=samples,
        slots=slots,
        latency_s=latency_s,
        spread=rng.choice([0.0, 0.5]),
        refused=rng.choice([0.0, 0.0, 0.05, 0.3]),
        refusal=rng.choice(REFUSED),
        too_long=rng.choice([0.0, 0.0, 0.1]),
        gateway_s=rng.choice([0.5, 10.0, 60.0]),
        passing=rng.choice([0.0, 0.0, 0.02, 0.05]),
        passing_fault=rng.choice(PASSING),
        outages=tuple(_outage(rng, busy_s) for _ in range(rng.choice([0, 1, 1, 2]))),
        lasting=rng.choice([None, None, rng.choice(LASTING)]),
        lasts_from=rng.uniform(0.0, 0.8 * busy_s),
    )


def _outage(rng: random.Random, busy_s: float) -> Outage:
    """After the first answer; before it, being unreachable is taken for a wrong address, and stops the run soon."""
    start, fault = rng.uniform(0.1 * busy_s + 35.0, max(busy_s, 40.0)), rng.choice(OUTAGES)
    lasts = [1.0, 10.0, 0.9 * AGAIN_S]
    if fault is not GATEWAY_TIMEOUT:  # of which the last samples of a run bear only two
        lasts.append(0.9 * PASSING_S)
    if fault in (OVERLOADED, RATE_LIMITED):  # which the last samples of a run are never blamed for
        lasts.append(900.0)
    return Outage(start, start + rng.choice(lasts), fault)


def check(weather: Weather, outcome: Outcome) -> None:
    blamed = outcome.dead.keys() - weather.hopeless()
    assert len(blamed) < _few(weather), "no dead letter for what passes"
    assert outcome.most_in_flight <= weather.slots
    _check_spending(weather, outcome)
    if outcome.stopped_by is None:
        assert outcome.made | outcome.dead.keys() == everybody(weather.samples), "every sample ends"
    elif weather.lasting is None:
        assert outcome.made | weather.hopeless() == everybody(weather.samples), "what passes stops nothing"
    assert outcome.ended_at <= _longest_s(weather), "the run ends"


def _few(weather: Weather) -> int:
    """Less than that many last samples are blamed for a trouble that lasts: nobody is left to show whose it is."""
    if weather.lasting is None:
        return 1
    return USELESS_ALIKE if weather.lasting.action is Action.DEAD else FEW_SAMPLES


def _check_spending(weather: Weather, outcome: Outcome) -> None:
    """Useless calls are bounded by what was hopeless, by what passes, and by some for each time of trouble."""
    troubles = len(weather.outages) + (weather.lasting is not None)
    useless = sum(isinstance(said.outcome, Fault) and said.outcome.billing is not Billing.NO for said in outcome.said)
    at_once = 3 * weather.slots + 25
    probes = 15 + 4 * 3600 / 15 * (weather.lasting is BAD_GATEWAY)
    passing = 2 * weather.passing * len(outcome.calls) + 10
    assert useless <= 3 * len(weather.hopeless()) + troubles * (at_once + probes) + passing + at_once, useless


def _longest_s(weather: Weather) -> float:
    """The work, waits behind each trouble, and the longest patience."""
    work = weather.samples * (weather.latency_s * 1.5 + 2 * weather.gateway_s * weather.too_long + 2) / weather.slots
    work += weather.samples * weather.passing * 6.0 * (weather.passing_fault is RATE_LIMITED)  # each holds everybody up
    work += weather.samples * weather.too_long * weather.gateway_s  # second tries, where nobody else is left
    outages = sum(outage.end - outage.start + 120 for outage in weather.outages)
    retries = 60 * 6 + 2 * weather.gateway_s * (1 + math.log2(weather.slots))
    return 3 * work + outages + retries + (3_700 if weather.lasting is not None else 300)


def live_through(weathers: Iterable[Weather]) -> None:
    for weather in weathers:
        try:
            check(weather, run(weather.provider, weather.samples, concurrency=weather.slots))
        except BaseException as error:
            error.add_note(f"{weather}")
            raise


def test_promises_6_9_and_11_hold_in_any_weather() -> None:
    weathers = map(draw, range(QUICK_SEEDS))
    live_through(weather for weather in weathers if weather.samples <= FEW_SAMPLES_TO_MAKE)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_promises_6_9_and_11_hold_in_all_weathers(chunk: int) -> None:
    live_through(map(draw, range(chunk, SEEDS, CHUNKS)))
