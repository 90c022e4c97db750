"""One process: what cli/run and cli/engine assemble, on the world's disk and provider, with its mishap."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from asyncsynth.cli.shutdown import Shutdown
from asyncsynth.config import Limits
from asyncsynth.engine.pipeline import Collaborators, Pipeline
from asyncsynth.engine.reuse import compare, missing
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import Rules
from asyncsynth.errors import EndpointStopped, SpendCapReached, StoreDamaged, StoreError, StoreLocked
from asyncsynth.pace.backoff import Backoff, RetryBudget
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.meter import Meter
from asyncsynth.provider.wires import wire_of
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Action, Fault, GivenUp, Made
from tests.simulation.endpoint import InProcessEndpoint
from tests.simulation.files import ProcessFiles
from tests.simulation.mishaps import Mishap
from tests.simulation.scenario import MODEL
from tests.simulation.service import Client
from tests.simulation.shuffled_loop import ShuffledLoop
from tests.simulation.world import DIRECTORY, EPOCH, Report, World, promise
from tests.virtual_clock import Deadlock

AUTO_WORKERS = 64  # cli/engine takes 512, which only takes longer here
HISTORY_S = 75.0
NOTED_EVERY = 5  # samples; as often as that, so that it happens in these small runs, too
PATIENCE_S = 6 * 3600.0  # of virtual time, beside what the limits take; over it the run hangs


class Process:
    """Runs once; `limits` are the scenario's, perhaps with another cap."""

    def __init__(self, world: World, mishap: Mishap, limits: Limits) -> None:
        scenario = world.scenario
        self._world, self._scenario, self._mishap, self._limits = world, scenario, mishap, limits
        self._rng = random.Random(world.rng.random())
        self._loop = ShuffledLoop(self._rng, start=world.now, deadline=world.now + PATIENCE_S, shuffle=scenario.shuffle)
        self._files = ProcessFiles(world.disk, self._rng, self._loop.time, self._die, mishap.trap)
        self._client = Client(0, self._loop, scenario.timeout_s)
        self._death: asyncio.Future[None] = self._loop.create_future()
        self.report = Report(limits, world.now, mishap=mishap)

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
        """What cli/run does."""
        report, world = self.report, self._world
        try:
            store = open_store(DIRECTORY, now=self._now, files=self._files)
            report.newly_lost, report.notes = store.newly_lost, store.recovered
            try:
                self._clear_or_drop(store)
                report.reuse = compare(world.recipe, store, None, limited=False)
                report.how = "complete"
                if report.reuse.make:
                    await self._make(store, report.reuse.make)
            finally:
                store.close()
        except StoreDamaged:
            raise
        except StoreError:
            report.how = "store_failed"

    def _clear_or_drop(self, store: Store) -> None:
        if self._mishap.retries:
            store.retry()
        if self._mishap.drops:
            store.drop(lambda record: int(record["key"][:4], 16) % 8 == 0)

    async def _make(self, store: Store, samples: int) -> None:
        facts = {**self._world.recipe.facts(), "fingerprint": self._world.recipe.fingerprint}
        self.report.run = self._client.run = store.begin_run(facts)
        self.report.how = "store_failed"
        try:
            await self._engine(store, samples)
        finally:
            store.end_run(self.report.how)

    async def _engine(self, store: Store, samples: int) -> None:
        """What cli/engine does."""
        report, scenario, limits = self.report, self._scenario, self._limits
        endpoint = InProcessEndpoint(
            self._world.service,
            wire_of(scenario.api, MODEL, {} if scenario.max_tokens is None else {"max_tokens": scenario.max_tokens}),
            timeout_s=scenario.timeout_s,
            keep_truncated=scenario.keep_truncated,
            now=self._now,
        )
        tally, gate = Tally(to_make=samples), self._gate(store)
        parts = self._collaborators(store, endpoint, gate)
        workers = AUTO_WORKERS if limits.concurrency == "auto" else limits.concurrency
        pipeline = Pipeline(parts, Rules(limits.max_attempts, limits.max_reasks), tally, workers=workers)
        shutdown = Shutdown(pipeline.drain, pipeline.cancel)
        self._arm(shutdown)
        try:
            await pipeline.run()
        finally:
            report.most_in_flight, report.given_up = endpoint.most_in_flight, tally.given_up
            cap = gate.allowance.cap
            report.cap_spent, report.cap_set_aside = cap.spent, cap.set_aside
        if isinstance(pipeline.stopped_by, SpendCapReached):
            report.how = "spend_cap"
        elif isinstance(pipeline.stopped_by, EndpointStopped):
            report.how = "stopped"
        elif shutdown.requested and tally.ended < tally.to_make:
            report.how = "interrupted"
        else:
            report.how = "complete"

    def _gate(self, store: Store) -> Gate:
        totals, now = store.totals, self._now()
        return Gate.from_limits(
            self._limits,
            billed=totals.paid.picodollars,
            possible=totals.uncertain.picodollars,
            history=[(now - sent_at, tokens) for sent_at, tokens in store.recent_calls(now - HISTORY_S)],
        )

    def _collaborators(self, store: Store, endpoint: InProcessEndpoint, gate: Gate) -> Collaborators:
        clock, scenario = self._loop.time, self._scenario
        return Collaborators(
            requests=missing(self._world.recipe, store, noted_every=NOTED_EVERY),
            endpoint=endpoint,
            gate=gate,
            writer=Writer(store, raw_log=scenario.raw_log, sync=self._sync),
            meter=Meter(scenario.price, scenario.max_tokens),
            backoff=Backoff(self._rng, RetryBudget(clock()), clock),
            now=self._now,
            on_end=self._on_end,
            on_trouble=self._on_trouble,
        )

    async def _sync(self, work: Callable[[], None]) -> None:
        """A disk that takes its time, with the moment of the sync somewhere within it."""
        took = self._rng.uniform(0.0, 2 * self._scenario.sync_s)
        before = self._rng.uniform(0.0, took)
        await asyncio.sleep(before)
        work()
        await asyncio.sleep(took - before)

    def _arm(self, shutdown: Shutdown) -> None:
        """The signals of the mishap, and somebody who looks at the directory meanwhile."""
        mishap, report, loop = self._mishap, self.report, self._loop

        def first() -> None:
            report.drained_at = loop.time()
            shutdown.on_signal()

        def second() -> None:
            report.cancelled_at = loop.time()
            shutdown.on_signal()

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
        files = ProcessFiles(self._world.disk, self._rng, self._loop.time, self._die, None)
        promise(read_store(DIRECTORY, files=files).running, "3: a run is seen by others")
        try:
            open_store(DIRECTORY, now=self._now, files=files)
        except StoreLocked:
            return
        promise(False, "3: a second run on the same directory is refused")

    def _on_end(self, end: Made | GivenUp) -> None:
        if isinstance(end, Made):
            self.report.made_at[end.request.sample.key] = self._loop.time()

    def _on_trouble(self, fault: Fault) -> None:
        if fault.action is Action.STOP and self.report.stopped_at is None:
            self.report.stopped_at = self._loop.time()

    def _complain(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        del loop
        if not self._files.dead:
            self.report.complaints.append(f"{context['message']}: {context.get('exception')!r}")

    def _now(self) -> float:
        return EPOCH + self._loop.time()
