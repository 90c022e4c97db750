"""One process: the application as it is, with the world's disk, clock, chance and provider, and with its mishap."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from asyncsynth.app.drop import Selection, drop
from asyncsynth.app.job import Job
from asyncsynth.app.outside import Outside
from asyncsynth.app.plan import plan
from asyncsynth.app.retry import retry
from asyncsynth.app.run import Run, open_run
from asyncsynth.app.status import status
from asyncsynth.app.target import Target
from asyncsynth.errors import (
    EndpointStopped,
    Interrupted,
    RecipeChanged,
    SpendCapReached,
    StoreDamaged,
    StoreError,
    StoreLocked,
)
from asyncsynth.store.snapshot import read_store
from asyncsynth.values import Action, Answered, End, Fault
from tests.simulation.endpoint import InProcessEndpoint
from tests.simulation.files import ProcessFiles
from tests.simulation.mishaps import Mishap
from tests.simulation.opened import check_opened, check_outcome, check_refusal
from tests.simulation.service import Client
from tests.simulation.shuffled_loop import ShuffledLoop
from tests.simulation.wish import DIRECTORY
from tests.simulation.world import EPOCH, Report, World, promise
from tests.virtual_clock import Deadlock

MOST_CALLS = 64  # where concurrency is "auto"; more only take longer here
NOTED_EVERY = 5  # samples; as often as that, so that it happens in these small runs, too
PATIENCE_S = 6 * 3600.0  # of virtual time, beside what the limits take; over it the run hangs


class Process:
    """Runs once, with what the world wishes at that moment."""

    def __init__(self, world: World, mishap: Mishap) -> None:
        scenario = world.scenario
        self._world, self._scenario, self._mishap = world, scenario, mishap
        self._rng = random.Random(world.rng.random())
        self._loop = ShuffledLoop(self._rng, start=world.now, deadline=world.now + PATIENCE_S, shuffle=scenario.shuffle)
        self._files = ProcessFiles(world.disk, self._rng, self._loop.time, self._die, mishap.trap)
        self._client = Client(0, self._loop, scenario.setting.timeout_s)
        self._death: asyncio.Future[None] = self._loop.create_future()
        self.report = Report(world.wish, world.limits, world.now, mishap=mishap)

    def run(self) -> Report:
        """Live and end; what was left behind is in the world."""
        loop, world, report = self._loop, self._world, self.report
        loop.set_exception_handler(self._complain)
        world.service.attach(self._client)
        if self._mishap.kill_at is not None:
            loop.call_later(self._mishap.kill_at, self._die, self._mishap.power)
        try:
            loop.run_until_complete(self._live())
        except Deadlock:
            if not self._files.dead:  # the dead may wait for ever
                raise
        finally:
            if not self._files.dead:
                report.ended = loop.time()
                self._files.end(power=False)
            report.failed_at = self._files.failed_at
            world.service.detach(report.ended)
            world.reports.append(report)
            loop.close()
        return report

    async def _live(self) -> None:
        """Work until the end or the death of the process."""
        working = self._loop.create_task(self._work())
        await asyncio.wait([working, self._death], return_when=asyncio.FIRST_COMPLETED)
        if not self._files.dead:
            working.result()
            return
        # Nothing that they do on their way out reaches the disk or the provider.
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest)
        for task in rest:
            if not task.cancelled():
                task.exception()

    def _die(self, power: bool) -> None:
        if not self._files.dead:
            self.report.how = "power_cut" if power else "killed"
            self.report.ended = self._loop.time()
            self._files.end(power=power)
            self._client.alive = False
            self._death.set_result(None)

    async def _work(self) -> None:
        """What somebody does: perhaps `retry` or `drop`, then `run`, to which they say yes."""
        job, outside = self._world.job(), self._outside(self._files)
        try:
            self._clear_and_drop(outside)
            with self._open(job, outside) as run:
                self.report.how = "complete"
                if run.inventory.to_make:
                    await self._make(run)
                    check_outcome(self._world, run)
        except StoreDamaged:
            raise
        except StoreError:
            self.report.how = "store_failed"

    def _outside(self, files: ProcessFiles) -> Outside:
        return Outside(self._now, self._rng, files, self._sync, self._served, MOST_CALLS, NOTED_EVERY)

    def _onlooker(self) -> Outside:
        """Of somebody who looks at the directory and meets no mishap."""
        return self._outside(ProcessFiles(self._world.disk, self._rng, self._loop.time, self._die, None))

    @asynccontextmanager
    async def _served(self, target: Target, calls: int, *, keep_truncated: bool) -> AsyncIterator[InProcessEndpoint]:
        """The run has begun, so its number is in the manifest; the server may take its time to start."""
        asked = target.limits.concurrency
        assert calls == (MOST_CALLS if asked == "auto" else asked)
        self.report.run = self._client.run = status(DIRECTORY, outside=self._onlooker()).runs[-1].id
        await asyncio.sleep(self._rng.choice([0.0, 0.0, 2.0]))
        place = [one.name for one in self._world.job().targets].index(target.name)
        endpoint = InProcessEndpoint(self._world.service, place, target, self._now, keep_truncated=keep_truncated)
        try:
            yield endpoint
        finally:
            self.report.most_in_flight[place] = endpoint.most_in_flight

    def _clear_and_drop(self, outside: Outside) -> None:
        if self._mishap.retries:
            retry(DIRECTORY, outside=outside)
        if self._mishap.drops:
            there = read_store(DIRECTORY, files=self._onlooker().files)
            wanted = sorted(key for key in there.answered if int(key[:4], 16) % 8 == 0)
            by_key = Selection(tuple(wanted[:1] + [key[:20] for key in wanted[1:]]))
            if self._rng.random() < 0.5 or not wanted:
                drop(DIRECTORY, Selection(match="place 2"), outside=outside)
            else:
                dropped = drop(DIRECTORY, by_key, outside=outside)
                promise(dropped == len(wanted), "3: what is named is dropped", (dropped, wanted))

    def _open(self, job: Job, outside: Outside) -> Run:
        """The run, and whether what was planned is what it found."""
        planned = plan(job, outside=self._onlooker())
        shown = read_store(DIRECTORY, files=self._onlooker().files).views.order
        try:
            run = open_run(job, outside=outside)
        except RecipeChanged as refusal:
            run = open_run(job, accept_changes=True, outside=outside)
            check_refusal(self._world, run, refusal, shown)
        else:
            check_refusal(self._world, run, None, shown)
        check_opened(self._world, self.report, run, planned)
        return run

    async def _make(self, run: Run) -> None:
        report = self.report
        self._arm(run)
        try:
            await run.make(self, self._loop.time)
        except SpendCapReached:
            report.how = "spend_cap"
        except EndpointStopped:
            report.how = "stopped"
        except Interrupted:
            report.how = "interrupted"
        finally:
            report.ended_samples = run.outcome().tally.ended
            if run._wired is not None:
                cap = run._wired.gate.cap
                report.cap_spent, report.cap_set_aside = cap.spent, cap.set_aside

    async def _sync(self, work: Callable[[], None]) -> None:
        """A disk that takes its time, with the moment of the sync somewhere within it."""
        took = self._rng.uniform(0.0, 2 * self._scenario.sync_s)
        before = self._rng.uniform(0.0, took)
        await asyncio.sleep(before)
        work()
        await asyncio.sleep(took - before)

    def _arm(self, run: Run) -> None:
        """The signals of the mishap, and somebody who looks at the directory meanwhile."""
        mishap, report, loop = self._mishap, self.report, self._loop

        def first() -> None:
            report.drained_at = loop.time()
            run.drain()

        def second() -> None:
            report.cancelled_at = loop.time()
            run.cancel()

        if mishap.drain_at is not None:
            loop.call_at(report.began + mishap.drain_at, first)
            if mishap.cancel_at is not None:
                loop.call_at(report.began + mishap.cancel_at, second)
        if self._rng.random() < 0.1:
            loop.call_later(self._rng.uniform(0.0, 3.0), self._look)

    def _look(self) -> None:
        """`status` beside the run, and a second run."""
        if self._files.dead:
            return
        outside = self._onlooker()
        promise(status(DIRECTORY, outside=outside).working, "3: a run is seen by others")
        try:
            open_run(self._world.job(), outside=outside)
        except StoreLocked:
            return
        promise(False, "3: a second run on the same directory is refused")

    def on_end(self, end: End) -> None:
        self.report.ends += 1
        if isinstance(end, Answered):
            self.report.made_at[end.request.sample.key] = self._loop.time()

    def on_trouble(self, fault: Fault) -> None:
        if fault.action is Action.STOP and self.report.stopped_at is None:
            self.report.stopped_at = self._loop.time()

    def on_note(self, words: str) -> None:
        self.report.notes += (words,)

    def _complain(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        if not self._files.dead:
            self.report.complaints.append(f"{context['message']}: {context.get('exception')!r}")

    def _now(self) -> float:
        return EPOCH + self._loop.time()
