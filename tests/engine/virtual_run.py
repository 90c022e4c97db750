"""A whole run on the virtual clock: the real pipeline and gate, an endpoint that is a function, a writer in memory.

A sample asks its steps one after the other; the answer to the last one is its end.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from msgspec.structs import replace

from asyncsynth.config import Limits
from asyncsynth.costs import Price
from asyncsynth.engine.audience import Audience
from asyncsynth.engine.collaborators import Collaborators, Supplier
from asyncsynth.engine.pipeline import Pipeline
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import Rules
from asyncsynth.errors import AsyncsynthError
from asyncsynth.pace.backoff import Backoff, RetryBudget
from asyncsynth.pace.meter import Meter
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import (
    Answer,
    Answered,
    Billing,
    Call,
    End,
    Failed,
    Fault,
    Finished,
    GivenUp,
    RawCall,
    Rejected,
    Reply,
    Request,
    Row,
    Sample,
    Usage,
)
from tests import virtual_clock
from tests.pace.permits import gate_by

PRICE = Price(1, 2)
MAX_TOKENS = 200
GOOD = Answer("A plot.", "stop", Usage(40, 80), "m", b"{}")
GOOD_COST = 40 + 2 * 80


class Seen(NamedTuple):
    """A call as the provider sees it."""

    sample: int
    at: float
    number: int  # of all calls, from 1
    tries: int  # of this sample, from 1


class Said(NamedTuple):
    """What the provider says, and after how long; `billed`: whether it takes money for it."""

    outcome: Answer | Fault
    latency_s: float = 1.0
    billed: bool = False


Provider = Callable[[Seen], Said]


@dataclass
class Outcome:
    """What a run left."""

    calls: list[Seen] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    made: set[int] = field(default_factory=set)
    dead: dict[int, str] = field(default_factory=dict)  # sample -> reason
    notes: list[str] = field(default_factory=list)
    ended_at: float = 0.0
    stopped_by: AsyncsynthError | None = None
    most_in_flight: int = 0
    _in_flight: int = 0

    @property
    def tries(self) -> Counter[int]:
        return Counter(call.sample for call in self.calls)

    @property
    def why(self) -> str:
        return "" if self.stopped_by is None else self.stopped_by.message

    @property
    def perhaps_billed(self) -> int:
        """Failed calls that may have been billed, or were."""
        return sum(isinstance(said.outcome, Fault) and said.outcome.billing is not Billing.NO for said in self.said)

    def sent_between(self, start: float, end: float) -> int:
        return sum(start <= call.at < end for call in self.calls)


class _Endpoint:
    def __init__(self, provider: Provider, outcome: Outcome) -> None:
        self._provider, self._outcome = provider, outcome

    async def send(self, request: Request) -> Reply:
        outcome, sample = self._outcome, int(request.sample.key)
        now = asyncio.get_running_loop().time()
        outcome.calls.append(Seen(sample, now, len(outcome.calls) + 1, outcome.tries[sample] + 1))
        said = self._provider(outcome.calls[-1])
        outcome.said.append(said)
        outcome._in_flight += 1
        outcome.most_in_flight = max(outcome.most_in_flight, outcome._in_flight)
        await asyncio.sleep(said.latency_s)
        outcome._in_flight -= 1
        return Reply(said.outcome, b"{}", said.latency_s)


class _Writer:
    """Keeps nothing but who has its end; each sample has one."""

    keeps_raw = False

    def __init__(self, outcome: Outcome, last_step: str) -> None:
        self._outcome, self._last_step, self._closed = outcome, last_step, asyncio.Event()
        self._on_end: Callable[[End], None] | None = None

    async def run(self, on_end: Callable[[End], None] | None = None) -> None:
        self._on_end = on_end
        await self._closed.wait()

    async def close(self) -> None:
        self._closed.set()

    async def written(self) -> None:
        pass

    def started(self, call: Call) -> None:
        pass

    def failed(self, failed: Failed, raw: RawCall | None = None) -> None:
        pass

    def answered(self, answered: Answered, raw: RawCall | None = None) -> StoredAnswer:
        if answered.request.step == self._last_step:
            self._end(int(answered.request.sample.key), answered)
        return StoredAnswer(answered.request.sample.key, answered.answer.text, b"")

    def rejected(self, step: str, gate: str) -> None:
        raise AssertionError("no gates are here")

    def ended(self, end: Finished | Rejected | GivenUp) -> None:
        raise AssertionError("courses tell no ends here")

    def given_up(self, given_up: GivenUp) -> None:
        self._end(int(given_up.sample.key), given_up)

    def _end(self, sample: int, end: Answered | GivenUp) -> None:
        assert sample not in self._outcome.made, "every sample ends once"
        assert sample not in self._outcome.dead, "every sample ends once"
        if isinstance(end, Answered):
            self._outcome.made.add(sample)
        else:
            self._outcome.dead[sample] = end.fault.reason
        assert self._on_end is not None
        self._on_end(end)


class _InTurn:
    """Each step is asked when the one before it is answered; records are no matter here."""

    asleep = to_make = 0

    def __init__(self, steps: Sequence[str]) -> None:
        self._next = dict(itertools.pairwise(steps))

    def answered(self, sample: Sample, completion: str) -> tuple[Row, ...]:
        return ()

    def takes_left(self, request: Request) -> int:
        return 0

    def asked_again(self, request: Request, lost: int) -> Request:
        return request

    def follow(self, request: Request, answer: StoredAnswer, lost: int = 0) -> tuple[Request, ...]:
        step = self._next.get(request.step)
        return () if step is None else (replace(request, step=step),)

    def conclude(self) -> None:
        pass

    def condemned(self, keys: Collection[str]) -> None:
        pass

    def given_up(self, end: GivenUp) -> GivenUp:
        return end


class _Notes:
    """Listens to nothing but what a person should know."""

    def __init__(self, notes: list[str]) -> None:
        self._notes = notes

    def on_end(self, end: End) -> None:
        pass

    def on_trouble(self, fault: Fault) -> None:
        pass

    def on_note(self, words: str) -> None:
        self._notes.append(words)


def _requests(samples: int, step: str) -> Iterator[Request]:
    for number in range(samples):
        yield Request(Sample(str(number), {"n": number}, 0), 0, "Imagine a plot.", None, step=step)


def run(
    provider: Provider,
    samples: int,
    *,
    concurrency: int = 8,
    rules: Rules | None = None,
    during: Callable[[Pipeline], Awaitable[None]] | None = None,
    **limits: Any,
) -> Outcome:
    """What is left of a run against this provider; Deadlock where it would hang."""
    (outcome,) = run_on([(provider, Limits(concurrency=concurrency, **limits))], samples, rules=rules, during=during)
    return outcome


def run_on(
    providers: Sequence[tuple[Provider, Limits]],
    samples: int,
    *,
    rules: Rules | None = None,
    during: Callable[[Pipeline], Awaitable[None]] | None = None,
    steps: Sequence[str] = ("completion",),
    serves: Sequence[Collection[str]] | None = None,
) -> list[Outcome]:
    """What is left of a run that these providers share, each with its limits: the calls of each in a value of its own,
    and what is true of the whole run in all of them. `serves`: the steps that each serves; None: all of them.
    """
    ends = Outcome()
    served = [steps] * len(providers) if serves is None else serves
    outcomes = [Outcome(made=ends.made, dead=ends.dead, notes=ends.notes) for _ in providers]

    async def main() -> None:
        clock = asyncio.get_running_loop().time
        suppliers = [
            Supplier(
                f"number {place}",
                _Endpoint(provider, outcome),
                {step: Meter(PRICE, MAX_TOKENS) for step in served[place]},
                Backoff(random.Random(samples + place), RetryBudget(clock()), clock),
            )
            for place, ((provider, _), outcome) in enumerate(zip(providers, outcomes, strict=True))
        ]
        parts = Collaborators(
            requests=_requests(samples, steps[0]),
            suppliers=suppliers,
            gate=gate_by(*(limits for _, limits in providers)),
            writer=_Writer(ends, steps[-1]),
            courses=_InTurn(steps),
            now=clock,
            audience=Audience(_Notes(ends.notes)),
        )
        calls = [0 if limits.concurrency == "auto" else limits.concurrency for _, limits in providers]
        pipeline = Pipeline(parts, rules or Rules(6, 0), Tally(to_make=samples), calls=calls)
        running = asyncio.create_task(pipeline.run())
        if during is not None:
            await during(pipeline)
        await running
        for outcome in outcomes:
            outcome.ended_at, outcome.stopped_by = clock(), pipeline.stopped_by

    virtual_clock.run(main)
    return outcomes


def everybody(samples: int) -> set[int]:
    return set(range(samples))
