"""Starts runs, stops them, and goes on with those that a kill of the service, or of the machine, cut off."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from asyncsynth.errors import AsyncsynthError, StoreLocked, UsageError
from asyncsynth.service.book import Entry, Kept, Told, replace
from asyncsynth.service.forms import Limits
from asyncsynth.service.lives import Lives, refusal
from asyncsynth.service.watch import Watch

INTERRUPTED = (130, -signal.SIGINT)  # the second: before the process could drain, or when it had


class Keeper:
    """`entries` are the runs that were started here, by their names; `say` tells the person who started the service."""

    def __init__(self, kept: Kept, watch: Watch, say: Callable[[str], None]) -> None:
        self.entries: dict[str, Entry] = {}
        self.lives = Lives(kept, watch, self._on_end)
        self._kept, self._watch, self._say = kept, watch, say
        self._locks: dict[str, asyncio.Lock] = {}
        self._going_on: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def take_up(self) -> None:
        """Go on with what an earlier life of the service started: look on where it works, start what was cut off."""
        for entry in self._kept.entries():
            self.entries[entry.id] = entry
            self._watch.name(entry.id, entry.directory)
            if not entry.wanted:
                continue
            try:
                seen = await self.lives.seen(entry)
            except AsyncsynthError as error:
                self._on_end(entry.id, Told.of(error))
                continue
            if seen.working and seen.pid == entry.pid:
                self.lives.adopt(entry)
            elif seen.working or (seen.run > entry.after and seen.ended is not None and not entry.again):
                self._keep(entry.id, wanted=False)  # it ended, or somebody else goes on with it
            else:
                self._say(f"going on: {entry.directory}")
                self._go_on(entry.id)

    async def start(self, entry: Entry, config: bytes | None = None) -> None:
        """Start a run and wait until it works; `config` is written into its file first.

        Raises StoreLocked, UsageError, StoreError with what it said.
        """
        async with self._alone(entry.id):
            self._watch.name(entry.id, entry.directory)
            began = await self._newest_run(entry)
            if config is not None:
                replace(entry.config, config)
            self.entries[entry.id] = entry
            await self._begin(entry.id, began)
        if (why := refusal(self.entries[entry.id].told)) is not None:
            raise why

    async def drain(self, run: str) -> None:
        """Send nothing new; what is under way ends and is kept; a second time cuts it off. Raises UsageError."""
        async with self._alone(run):
            drains_already = self.entries[run].again and self.lives.is_alive(run)
            self._keep(run, wanted=False, again=False)
            if not drains_already and not await self.lives.interrupt(self.entries[run]):
                raise UsageError("no run of this service works there", hint="nothing is to be drained")

    async def limit(self, run: str, limits: Limits) -> None:
        """New limits; a run that works drains, and goes on with them by itself. One that drains already just ends."""
        async with self._alone(run):
            entry = self.entries[run]
            self._keep(run, limits=entry.limits.with_further(limits))
            if self.lives.is_alive(run) and not _is_draining(entry):
                self._keep(run, again=True)
                if not await self.lives.interrupt(self.entries[run]):
                    self._keep(run, again=False)

    def is_at_work(self, run: str) -> bool:
        """Whether a process that was started here is under way, or will be in a moment."""
        return run in self._going_on or self.lives.is_alive(run)

    async def stop(self) -> None:
        """Drain all runs and wait for their ends; the service goes on with them when it is started again."""
        self._stopping = True
        if going_on := list(self._going_on.values()):  # none of them must begin unseen
            await asyncio.wait(going_on)
        for entry in list(self.entries.values()):
            if not _is_draining(entry):
                await self.lives.interrupt(entry)
        await self.lives.all_ended()

    async def interrupt_all(self) -> None:
        """Cut off the calls of those that drain."""
        for entry in list(self.entries.values()):
            await self.lives.interrupt(entry)

    def _alone(self, run: str) -> asyncio.Lock:
        """One change of a run at a time: a process that is told to drain before it has begun would just die."""
        return self._locks.setdefault(run, asyncio.Lock())

    async def _newest_run(self, entry: Entry) -> int:
        """The number of the run that was the last one there. Raises StoreLocked where one is at work."""
        seen = await self.lives.seen(entry)
        if seen.working or self.lives.is_alive(entry.id):
            raise StoreLocked(f"a run works on {entry.directory} already", hint="drain it, or wait for its end")
        return seen.run

    async def _begin(self, run: str, after: int) -> None:
        self._keep(run, wanted=True, again=False, told=None, after=after, pid=0)
        self._keep(run, pid=await self.lives.begin(self.entries[run]))
        await self.lives.has_begun(self.entries[run])

    def _keep(self, run: str, **changes: object) -> None:
        entry = self.entries[run] = self.entries[run].model_copy(update=changes)
        self._kept.keep(entry)

    def _on_end(self, run: str, told: Told) -> None:
        """One that was killed, or drained with the whole service, goes on when the service is started again."""
        entry = self.entries[run]
        drained = told.status in INTERRUPTED and (entry.again or self._stopping)
        self._keep(run, told=told, pid=0, wanted=entry.wanted and (told.status < 0 or drained), again=drained)
        if entry.again and drained and not self._stopping:
            self._go_on(run)

    def _go_on(self, run: str) -> None:
        task = self._going_on[run] = asyncio.create_task(self._started_again(run))
        task.add_done_callback(lambda _: self._going_on.pop(run, None))

    async def _started_again(self, run: str) -> None:
        await asyncio.sleep(0)  # its process has just ended
        try:
            async with self._alone(run):
                began = await self._newest_run(self.entries[run])
                await self._begin(run, began)  # with the limits that were given meanwhile
        except AsyncsynthError as error:
            self._keep(run, wanted=False, told=Told.of(error))


def _is_draining(entry: Entry) -> bool:
    """Whether its process, if there is one, was told to drain: told again, it would cut off calls that are paid."""
    return entry.again or not entry.wanted
