"""Produce, work, write, and nothing else; everything that does the work comes in as an argument.

    requests -> bounded queue -> workers: [gate] -> endpoint -> outcome -> writer

Invariants: a call is in the manifest before it is sent; a slot is given back only when the outcome of its call is
written; a sample ends as a record, as a dead letter, or untouched for the next run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from asyncsynth.engine.backlog import Backlog
from asyncsynth.engine.collaborators import Collaborators
from asyncsynth.engine.health import Health
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import History, Rules, Step, is_buried, named, next_step
from asyncsynth.errors import AsyncsynthError, EndpointStopped, SpendCapReached, StoreTakenAway
from asyncsynth.values import (
    Action,
    Answer,
    Answered,
    Billing,
    Call,
    Failed,
    Fault,
    GivenUp,
    Permit,
    RawCall,
    Reply,
    Request,
    Sample,
)

QUEUED = 128  # samples that wait for a worker, at most
CUT_OFF = Fault("interrupted", Action.RETRY, Billing.MAYBE, "cut off by the second signal")
UNRENDERED = "request_template"  # the reason of a sample whose request can't be rendered


class Making(NamedTuple):
    """A sample on its way to its end."""

    request: Request
    history: History


class Pipeline:
    """One run. `drain()` lets the calls under way end, `cancel()` cuts them off; run() then returns.

    Afterwards `stopped_by` is the error that ended the run early, or None.
    """

    def __init__(self, parts: Collaborators, rules: Rules, tally: Tally, *, workers: int) -> None:
        self._parts = parts
        self._rules = rules
        self._tally = tally
        self._health = Health(rules.max_attempts)
        self._workers = workers
        self._backlog: Backlog[Making] = Backlog(QUEUED)
        self._condemned: list[Making] = []  # dead letters, if something good comes
        self._draining = asyncio.Event()
        self._backing_off = 0
        self._spares = 0
        self._producer: asyncio.Task[None] | None = None
        self._making: asyncio.Task[None] | None = None
        self._stopped_for: str | None = None  # the reason of the fault that stopped the run
        self.stopped_by: AsyncsynthError | None = None
        parts.audience.on_gone = self.drain

    @property
    def drained(self) -> bool:
        return self._draining.is_set()

    def drain(self) -> None:
        """Send nothing new; what is under way ends and is kept."""
        if self._draining.is_set():
            return
        self._draining.set()
        self._parts.gate.stop()
        if self._producer is not None:
            self._producer.cancel()
        self._backlog.stop()

    def cancel(self) -> None:
        """Cut off the calls under way; what has arrived is kept."""
        self.drain()
        if self._making is not None:
            self._making.cancel()

    async def run(self) -> None:
        """Make every sample of `requests`, or end early; raises StoreWriteFailed where the writer did."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._parts.writer.run(self._on_end), name="writer")
                self._making = group.create_task(self._make_all(), name="workers")
                await asyncio.wait([self._making])
                self._conclude()
                await self._parts.writer.close()
        except BaseExceptionGroup as failures:
            raise _first(failures) from failures
        if self._parts.audience.gone is not None:
            raise self._parts.audience.gone

    async def _make_all(self) -> None:
        if self.drained:
            return
        async with asyncio.TaskGroup() as group:
            self._producer = group.create_task(self._produce(), name="producer")
            for _ in range(self._workers):
                group.create_task(self._work(group))

    async def _produce(self) -> None:
        for number, wanted in enumerate(self._parts.requests):
            if isinstance(wanted, Request):
                await self._backlog.put(Making(wanted, History()))
                continue
            if wanted is not None:
                self._give_up_unrendered(wanted)
            if number % 1024 == 0:
                await asyncio.sleep(0)  # a long row of samples that need no call must not stall the answers
        self._backlog.close()

    async def _work(self, group: asyncio.TaskGroup) -> None:
        while (making := await self._backlog.take()) is not None:
            try:
                await self._make(making, group)
            except SpendCapReached as cap:
                self._stop_for_money(cap, making.request)
            except StoreTakenAway as gone:
                self._stop(gone)
            finally:
                self._backlog.done()

    async def _make(self, making: Making, group: asyncio.TaskGroup) -> None:
        """Try a sample until it has its end, or is put aside."""
        request, history = making
        while not self.drained:
            permit = await self._parts.gate.admit(self._parts.meter.need(request), first=history.goes_first)
            if permit is None:
                return
            history.sent += 1
            outcome = await self._attempt(request, permit, history)
            if isinstance(outcome, Answer):
                return
            own = not self._backlog.has_new and self._health.is_the_samples_own(outcome, self._clock())
            step = next_step(outcome, history, self._rules, own=own)
            if step not in (Step.RETRY, Step.AGAIN):
                self._end_or_put_aside(making, step)
                return
            self._tally.retries += 1
            if step is Step.RETRY:
                await self._back_off(self._parts.backoff.take(history.failed), group)

    def _end_or_put_aside(self, making: Making, step: Step) -> None:
        match step:
            case Step.WAIT:
                self._backlog.wait(making)
            case Step.PARK:
                self._backlog.park(making)
            case Step.CONDEMN:
                self._condemned.append(making)
            case Step.GIVE_UP:
                self._bury(making)

    async def _attempt(self, request: Request, permit: Permit, history: History) -> Answer | Fault:
        """One call, from the manifest's line before it to the written outcome after it."""
        parts = self._parts
        key, generation, attempt = request.sample.key, request.generation, history.sent
        call = self._started(
            Call(key, generation, attempt, parts.now(), permit.need.tokens, permit.need.reserve), permit
        )
        parts.backoff.on_call()
        self._health.on_send(permit.number)
        self._tally.calls += 1
        self._tally.in_flight += 1
        try:
            await parts.writer.written()
            reply = await parts.endpoint.send(request)
        except asyncio.CancelledError:
            cut_off = Failed(key, generation, attempt, CUT_OFF, call.reserve, parts.now())
            parts.writer.failed(cut_off, None)
            raise
        finally:
            self._tally.in_flight -= 1
        outcome, raw = reply.outcome, _raw(call, reply)
        if outcome.hints is not None:
            parts.gate.observe(outcome.hints)
        if isinstance(outcome, Answer):
            self._keep(request, permit, outcome, reply, raw, attempt)
            return outcome
        return self._note_fault(call, permit, outcome, raw, history)

    def _started(self, call: Call, permit: Permit) -> Call:
        try:
            self._parts.writer.started(call)
        except StoreTakenAway:
            self._parts.gate.release(permit)
            raise
        return call

    def _keep(
        self, request: Request, permit: Permit, answer: Answer, reply: Reply, raw: RawCall, attempts: int
    ) -> None:
        parts, cost = self._parts, self._parts.meter.cost(answer.usage)
        rows = parts.rows.answered(request.sample, answer.text)
        parts.writer.answered(Answered(request, answer, cost, attempts, reply.latency_s, parts.now(), rows), raw)
        parts.gate.settle(permit, answer.usage, cost, latency_s=reply.latency_s)
        parts.meter.observe(permit.need, answer.usage)
        self._on_good_news(permit)

    def _on_good_news(self, permit: Permit) -> None:
        """The endpoint was well when it took this call: what failed before can be decided."""

        def failed_before(making: Making) -> bool:
            return making.history.last_call < permit.number

        doubtful = self._health.doubtful
        self._health.on_answer(permit.number, permit.need.least_tokens)
        if doubtful and not self._health.doubtful:
            self._parts.gate.trust()
        if self._condemned:
            self._bury_those(failed_before)
        if self._backlog.holds_aside:
            self._backlog.release(failed_before)

    def _note_fault(self, call: Call, permit: Permit, fault: Fault, raw: RawCall, history: History) -> Fault:
        """Tell everybody of the fault; what it comes to, going by the health of the run."""
        parts, health, at, cost = self._parts, self._health, self._clock(), self._cost_of(fault, call)
        health.on_fault(permit.number, call.key, fault, at, cost=cost or 0)
        if health.tries_again(permit.number, fault):
            fault = fault._replace(action=Action.RETRY, counts=False)
        history.add(fault, permit, health)
        parts.writer.failed(Failed(call.key, call.generation, call.attempt, fault, cost, parts.now()), raw)
        parts.gate.settle_fault(permit, fault, cost)
        self._tally.on_fault(fault)
        parts.audience.on_trouble(fault)
        if fault.usage is not None:
            parts.meter.observe(permit.need, fault.usage)
        if health.doubtful:
            parts.gate.doubt(fault.message)
        if (why := health.why_stop(fault, at)) is not None:
            self._stop_for(why, fault)
        return fault

    def _cost_of(self, fault: Fault, call: Call) -> int | None:
        """What a failed call may cost: nothing, its usage, or its worst case."""
        if fault.billing is Billing.NO:
            return 0
        return call.reserve if fault.usage is None else self._parts.meter.cost(fault.usage)

    def _bury(self, making: Making) -> None:
        """Make it a dead letter."""
        request, history = making
        assert history.last is not None
        self._end(request.sample, request.generation, request, named(history.last, history), history.sent)

    def _bury_those(self, which: Callable[[Making], bool]) -> None:
        condemned, self._condemned = self._condemned, []
        for making in condemned:
            if which(making):
                self._bury(making)
            else:
                self._condemned.append(making)

    def _conclude(self) -> None:
        """Nobody is at work any more: decide what was held back."""
        if self._backlog.parked and not self.drained:
            last = self._backlog.parked[-1].history.last
            assert last is not None
            self._stop_for(f"nothing was answered any more: {last.message}", last)
        complete, stopped_for = not self.drained, self._stopped_for

        def is_final(making: Making) -> bool:
            fault = making.history.last
            return fault is not None and is_buried(fault, complete=complete, stopped_for=stopped_for)

        self._bury_those(is_final)

    def _give_up_unrendered(self, sample: Sample) -> None:
        fault = Fault(UNRENDERED, Action.DEAD, Billing.NO, sample.problem or "")
        self._end(sample, 0, None, fault, 0)

    def _end(self, sample: Sample, generation: int, request: Request | None, fault: Fault, attempts: int) -> None:
        parts = self._parts
        rows = parts.rows.given_up(sample)
        parts.writer.given_up(GivenUp(sample, generation, request, fault, attempts, parts.now(), rows))

    def _on_end(self, end: Answered | GivenUp) -> None:
        """A sample's end is in the files, so it counts."""
        self._tally.on_end(end)
        self._parts.audience.on_end(end)

    async def _back_off(self, seconds: float, group: asyncio.TaskGroup) -> None:
        """Wait without a slot; a spare worker takes the place meanwhile, so that the slot is used."""
        self._backing_off += 1
        if self._backing_off > self._spares and self._spares <= self._workers:  # three are at hand even of one worker
            self._spares += 1
            group.create_task(self._work(group))
        try:
            async with asyncio.timeout(seconds):
                await self._draining.wait()
        except TimeoutError:
            pass
        finally:
            self._backing_off -= 1

    def _stop_for(self, why: str, fault: Fault) -> None:
        if self.stopped_by is None:
            self._stopped_for = fault.reason
        self._stop(EndpointStopped(why, hint="correct it and run again; what is there is kept"))

    def _stop_for_money(self, cap: SpendCapReached, request: Request) -> None:
        why = self._health.why_no_money(self._parts.meter.need(request).reserve or 0)
        self._stop(cap if why is None else EndpointStopped(why, hint="see to the endpoint, then run again"))

    def _clock(self) -> float:
        return asyncio.get_running_loop().time()

    def _stop(self, error: AsyncsynthError) -> None:
        if self.stopped_by is None:
            self.stopped_by = error
        self.drain()


def _raw(call: Call, reply: Reply) -> RawCall:
    outcome = reply.outcome
    is_json = isinstance(outcome, Answer) and not outcome.flags
    return RawCall(call.key, call.attempt, call.sent_at, reply.request_body, outcome.status, outcome.body, is_json)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that says most: one of ours, else the first."""
    failure: BaseException = failures.subgroup(AsyncsynthError) or failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
