"""A run: opens the output directory, brings the views up to date, makes what is missing, and says what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from asyncsynth.app.changes import recipe_before, refuse_changes
from asyncsynth.app.goal import goal
from asyncsynth.app.job import Job
from asyncsynth.app.outside import Outside
from asyncsynth.app.progress import Look, Progress
from asyncsynth.app.watch import Watch
from asyncsynth.app.wiring import Wired, wired
from asyncsynth.app.workflows import workflow_of
from asyncsynth.costs import usd
from asyncsynth.engine.audience import Listener
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.refresh import CHANGED_BY_OTHERS, Refreshed
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.workflow import Workflow
from asyncsynth.errors import AsyncsynthError, Collapsed, EndpointStopped, Interrupted, SpendCapReached
from asyncsynth.store.funnel import Figures, in_order
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.totals import Totals
from asyncsynth.text import count, money
from asyncsynth.values import Call

if TYPE_CHECKING:
    from asyncsynth.quality.newest import Newest

HOW_RUNS_END: dict[type[AsyncsynthError], str] = {
    Interrupted: "interrupted",
    SpendCapReached: "stopped at the spend cap",
    EndpointStopped: "stopped by the endpoint",
    Collapsed: "stopped by quality.stop_when",
}


class Outcome(Struct, frozen=True):
    """What a run left behind: what it found, what it did, and how many lines both views have now."""

    directory: Path
    inventory: Inventory
    tally: Tally
    totals: Totals  # over all runs
    records: int
    failures: int  # samples without a record that no further run tries again by itself
    unrendered: int  # of them: the answer is there, and a corrected record template makes the record for nothing
    rejected: Mapping[str, int] = MappingProxyType({})  # of them, by the gate that rejected their answers
    funnel: Figures = MappingProxyType({})  # what became of the answers of each step, over all runs
    newest: Newest | None = None  # what the newest answers of this run are like; None: there are too few


class Run:
    """A run on a directory that it holds; close it. Made by `open_run`."""

    def __init__(
        self,
        job: Job,
        workflow: Workflow,
        store: Store,
        inventory: Inventory,
        refreshed: Refreshed,
        outside: Outside,
    ) -> None:
        self.job = job
        self._workflow = workflow
        self.inventory = inventory
        self.refreshed = refreshed
        self.recovered: tuple[str, ...] = store.recovered
        self.newly_lost: tuple[Call, ...] = store.newly_lost
        self._store = store
        self._outside = outside
        self._tally = Tally(to_make=inventory.to_make)
        self._wired: Wired | None = None
        self._look: Look | None = None
        self._watch: Watch | None = None
        self._drained = self._cancelled = False

    @property
    def directory(self) -> Path:
        return self._store.directory

    async def make(self, listener: Listener, clock: Callable[[], float]) -> None:
        """Make all that is missing; `clock` is the running loop's.

        Raises the AsyncsynthError that ended it early: Interrupted, SpendCapReached, EndpointStopped, StoreError.
        """
        recipe, store = self.job.recipe, self._store
        wanted = goal(recipe, self.inventory.there)
        store.begin_run(recipe=recipe.fingerprint, order=recipe.order, facts=recipe.facts(), wanted=wanted)
        how = "interrupted"
        try:
            await self._work(listener, clock)
            await self._mend_views(listener)
            how = "complete"
        except AsyncsynthError as error:
            how = HOW_RUNS_END.get(type(error), "failed")
            raise
        finally:
            store.end_run(how)

    async def _work(self, listener: Listener, clock: Callable[[], float]) -> None:
        stop_when = self.job.config.quality.stop_when.shares()
        self._watch = watch = Watch(listener, stop_when, clock)
        async with wired(self.job, self._workflow, self._store, self.inventory, self._outside, watch) as run:
            watch.on_collapse = run.pipeline.drain
            self._wired, self._tally = run, run.tally
            self._look = Look(run.tally, run.gate, self.inventory, watch, clock, priced=self.job.priced)
            if self._drained:
                run.pipeline.drain()
            if self._cancelled:
                run.pipeline.cancel()
            await run.pipeline.run()
        if run.pipeline.stopped_by is not None:
            raise run.pipeline.stopped_by
        if watch.why is not None and run.tally.ended < run.tally.to_make:
            raise collapsed(watch.why, run.tally, self._store.totals)
        if self._drained and run.tally.ended < run.tally.to_make:
            raise interrupted(run.tally)

    async def _mend_views(self, listener: Listener) -> None:
        """Large views were looked at while the run worked; those that somebody had changed are made anew."""
        store, views = self._store, self._store.open_views()
        if views.being_checked and await asyncio.to_thread(views.found_changed) and not store.taken_away():
            listener.on_note(CHANGED_BY_OTHERS)
            views.doubt()
            self._workflow.refresh(store, self._workflow.inventory(store, None))

    def notes(self) -> Iterator[str]:
        """What is to be known before anything is spent."""
        if self.job.sources:
            from asyncsynth.app.too_long import too_long  # noqa: PLC0415 - few recipes have sources

            yield from too_long(self.job)

    def drain(self) -> None:
        """Send nothing new; what is under way ends and is kept. To be called in the loop of `make`."""
        self._drained = True
        self._store.open_views().give_up_checking()
        if self._wired is not None:
            self._wired.pipeline.drain()

    def cancel(self) -> None:
        """Cut off the calls under way; what has arrived is kept. To be called in the loop of `make`."""
        self._drained = self._cancelled = True
        self._store.open_views().give_up_checking()
        if self._wired is not None:
            self._wired.pipeline.cancel()

    @property
    def records_size(self) -> int:
        """Bytes of records.jsonl: where the records of this run begin."""
        return self._store.open_views().records.extent.size

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return self._tally.in_flight

    def progress(self) -> Progress | None:
        """How far it is; None before the first call can be sent."""
        return None if self._look is None else self._look()

    def outcome(self) -> Outcome:
        """What there is now."""
        views = self._store.open_views()
        records, failures = views.records.extent.lines, views.failures.extent.lines
        return Outcome(
            self.directory,
            self.inventory,
            self._tally,
            self._store.totals,
            records,
            failures,
            views.unrendered,
            Counter(gate for _, gate in self._store.rejections()),
            in_order(views.funnel, self._store.last_facts),
            self._newest(),
        )

    def _newest(self) -> Newest | None:
        if self._watch is None:
            return None
        from asyncsynth.recipe.axis_sizes import axis_sizes  # noqa: PLC0415 - at the end of a run only

        return self._watch.newest(axis_sizes(self._store.last_facts))

    def close(self) -> None:
        """Syncs what is open and gives the directory back."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_run(job: Job, *, accept_changes: bool = False, outside: Outside | None = None) -> Run:
    """Take the directory, repair what a crash left, refuse a changed recipe, and bring the views up to date.

    Raises RecipeChanged where paid answers would be left behind and others bought, and `accept_changes` is not set;
    StoreLocked, StoreDamaged, StoreWriteFailed.
    """
    outside = outside or Outside()
    store = open_store(Path(job.config.output.directory), now=outside.now, files=outside.files)
    try:
        workflow = workflow_of(job.recipe)
        inventory = workflow.inventory(store, recipe_before(store, job.recipe))
        if not accept_changes:
            refuse_changes(job, inventory, store)
        refreshed = workflow.refresh(store, inventory)
    except BaseException:
        store.close()
        raise
    return Run(job, workflow, store, inventory, refreshed, outside)


def collapsed(why: str, tally: Tally, totals: Totals) -> Collapsed:
    missing, paid = tally.to_make - tally.ended, totals.answered
    saved = f"{count(missing, 'sample')} were not asked for"
    if totals.answers and not paid.unknown and paid.picodollars:
        saved += f", which saved about {money(usd(missing * paid.picodollars // totals.answers))}"
    return Collapsed(
        f"{why}; {saved}",
        hint="change the request so that the answers differ, or raise quality.stop_when; what is there is kept",
    )


def interrupted(tally: Tally) -> Interrupted:
    missing = max(0, tally.to_make - tally.ended)
    return Interrupted(
        f"interrupted: {tally.made:,} made, {missing:,} to make; everything received is kept",
        hint="run the same command again to go on",
    )
