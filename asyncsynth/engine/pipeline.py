"""Produce, work, write, and nothing else; everything that does the work comes in as an argument.

    requests -> queue of a lane -> workers: [gate] -> endpoint -> outcome -> writer
                      ^                                                 |
                      `--- what the sample asks next <--- course <------'

Invariant: a sample ends as a record, as a dead letter, or untouched for the next run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from asyncsynth.engine.backlog import Backlog
from asyncsynth.engine.caller import Caller
from asyncsynth.engine.collaborators import Collaborators
from asyncsynth.engine.lanes import lanes_of
from asyncsynth.engine.suppliers import Suppliers
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.unmade import Making, Unmade
from asyncsynth.engine.verdict import History, Rules, Step, next_step
from asyncsynth.errors import AsyncsynthError, EndpointStopped, SpendCapReached, StoreTakenAway, UsageError
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import Action, Billing, End, Fault, Permit, Request

QUEUED = 128  # samples that wait for a worker, at most


class Pipeline:
    """One run; `calls`: how many each supplier takes at a time.

    `drain()` lets the calls under way end, `cancel()` cuts them off; run() then returns. Afterwards
    `stopped_by` is the error that ended the run early, or None.
    """

    def __init__(self, parts: Collaborators, rules: Rules, tally: Tally, *, calls: Sequence[int]) -> None:
        self._parts = parts
        self._rules = rules
        self._tally = tally
        self._lanes = lanes_of(parts.suppliers, calls)
        self._suppliers = Suppliers(parts.suppliers, self._lanes, rules.max_attempts)
        self._backlog: Backlog[Making] = Backlog(QUEUED, len(self._lanes.workers), self._lane_of)
        self._unmade = Unmade(
            self._backlog, parts.courses, parts.writer, now=parts.now, on_courses=self._look_at_courses
        )
        self._caller = Caller(
            parts,
            self._suppliers.healths,
            tally,
            on_good_news=self._unmade.on_good_news,
            on_stop=self._stop_sending_to,
        )
        self._draining = asyncio.Event()
        self._backing_off = [0] * len(self._lanes.workers)
        self._spares = [0] * len(self._lanes.workers)
        self._producer: asyncio.Task[None] | None = None
        self._making: asyncio.Task[None] | None = None
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
            for lane, workers in enumerate(self._lanes.workers):
                for _ in range(workers):
                    group.create_task(self._work(group, lane))

    async def _produce(self) -> None:
        try:
            await self._hand_out()
        except UsageError as error:  # a file that the samples stand in is not what it was
            self._stop(error)

    async def _hand_out(self) -> None:
        for number, wanted in enumerate(self._parts.requests):
            if isinstance(wanted, Request):
                if not await self._backlog.put(Making(wanted, History())):
                    return
                continue
            if wanted is not None:
                self._unmade.give_up_unasked(wanted)
            elif self._parts.courses.asleep:
                self._look_at_courses()
                if not await self._backlog.room():
                    return
            if number % 1024 == 0:
                await asyncio.sleep(0)  # a long row of samples that need no call must not stall the answers
        self._backlog.close()

    async def _work(self, group: asyncio.TaskGroup, lane: int) -> None:
        while (making := await self._backlog.take(lane)) is not None:
            try:
                await self._make(making, group, lane)
            except SpendCapReached as cap:
                self._stop_for_money(cap, making.request)
            except StoreTakenAway as gone:
                self._stop(gone)
            finally:
                self._backlog.done()

    async def _make(self, making: Making, group: asyncio.TaskGroup, lane: int) -> None:
        """Try a sample until it has its end, or is put aside."""
        request, history = making.request, making.history
        if history.last is not None:
            now = asyncio.get_running_loop().time()
            if (wait_s := self._suppliers.seconds_to_wait(history.last, history, now)) > 0:
                await self._back_off(wait_s, group, lane)
        while not self._draining.is_set():
            if history.rejected:
                request = self._parts.courses.asked_again(making.request, history.rejected)
            needs = self._suppliers.needs(request, history)
            if not any(needs):
                self._unmade.give_up_too_large(making)
                return
            permit = await self._parts.gate.admit(*needs, first=history.goes_first)
            if permit is None:
                continue  # stopped, or the endpoint was that can make it
            history.sent += 1
            outcome = await self._caller.call(request, permit, history)
            if not isinstance(outcome, Fault):
                self._go_on_from(request, outcome, history.rejected)
                return
            step = self._step_after(outcome, permit, making)
            if step not in (Step.RETRY, Step.AGAIN):
                self._unmade.end_or_put_aside(making, step)
                return
            self._tally.retries += 1
            if step is Step.RETRY:
                backoff = self._suppliers[permit.endpoint].backoff
                await self._back_off(backoff.take(history.failed), group, lane)

    def _go_on_from(self, request: Request, answer: StoredAnswer, lost: int) -> None:
        """What its samples ask next, now that this answer is kept, after so many replies of no use."""
        for wanted in self._parts.courses.follow(request, answer, lost):
            if isinstance(wanted, Request):
                self._backlog.go_on(Making(wanted, History()))
            else:
                self._unmade.give_up_unasked(wanted)
        self._look_at_courses()

    def _look_at_courses(self) -> None:
        """How many samples wait for others, and how many more are made than planned."""
        courses, backlog, tally = self._parts.courses, self._backlog, self._tally
        if (asleep := courses.asleep) != backlog.asleep:
            backlog.asleep = asleep
        if (to_make := courses.to_make) > tally.to_make:
            tally.to_make = to_make

    def _lane_of(self, making: Making) -> int:
        return self._lanes.of_step[making.request.step]

    def _step_after(self, fault: Fault, permit: Permit, making: Making) -> Step:
        """What to do with a sample after this fault of its newest call."""
        request, history = making.request, making.history
        health, now = self._suppliers.healths[permit.endpoint], asyncio.get_running_loop().time()
        own = not self._backlog.has_new and health.is_the_samples_own(fault, now)
        left = self._parts.courses.takes_left(request) if fault.billing is Billing.YES else 0
        step = next_step(fault, history, self._rules, own=own, takes_left=left)
        if permit.endpoint in self._suppliers.closed and not self.drained and fault.billing is not Billing.YES:
            return Step.AGAIN  # another endpoint makes it
        if step is Step.GIVE_UP and fault.action is Action.PAUSE:
            history.too_large_for |= {permit.endpoint}
            return Step.AGAIN  # elsewhere, if there is one that it isn't too large for
        return step

    def _conclude(self) -> None:
        """Nobody is at work any more: decide what was held back."""
        if self._backlog.parked and not self.drained:
            last = self._backlog.parked[-1].history.last
            assert last is not None
            self._stop_for(f"nothing is answered any more: {last.message}")
        self._unmade.conclude(complete=not self.drained, closed=self._suppliers.closed)
        self._parts.courses.conclude()

    def _on_end(self, end: End) -> None:
        """A sample's end is in the files, so it counts."""
        self._tally.on_end(end)
        self._parts.audience.on_end(end)

    async def _back_off(self, seconds: float, group: asyncio.TaskGroup, lane: int) -> None:
        """Wait without a slot; a spare worker takes the place meanwhile, so that the slot is used."""
        waiting, spares = self._backing_off, self._spares
        waiting[lane] += 1
        if waiting[lane] > spares[lane] and spares[lane] <= self._lanes.workers[lane]:  # three are at hand even of one
            spares[lane] += 1
            group.create_task(self._work(group, lane))
        try:
            async with asyncio.timeout(seconds):
                await self._draining.wait()
        except TimeoutError:
            pass
        finally:
            waiting[lane] -= 1

    def _stop_sending_to(self, place: int, why: str, fault: Fault) -> None:
        """An endpoint takes no more calls: the others make its samples, or the run ends."""
        if place in self._suppliers.closed:
            return
        self._suppliers.closed[place] = fault.reason
        if self._suppliers.some_step_has_none:
            self._stop_for(why)
            return
        self._parts.gate.close(place)
        self._parts.audience.on_note(f"endpoint {self._suppliers[place].name} is no longer used: {why}")
        self._unmade.pass_on_from(place)

    def _stop_for(self, why: str) -> None:
        self._stop(EndpointStopped(why, hint="correct it and run again; what is there is kept"))

    def _stop_for_money(self, cap: SpendCapReached, request: Request) -> None:
        why = self._suppliers.why_no_money(request)
        self._stop(cap if why is None else EndpointStopped(why, hint="check the endpoint, then run again"))

    def _stop(self, error: AsyncsynthError) -> None:
        if self.stopped_by is None:
            self.stopped_by = error
        self.drain()


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that says most: one of ours, else the first."""
    failure: BaseException = failures.subgroup(AsyncsynthError) or failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure
