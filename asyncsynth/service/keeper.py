"""Starts runs, stops them, and goes on with those that a kill of the service, or of the machine, cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asyncsynth.errors import AsyncsynthError, UsageError
from asyncsynth.service.book import Entry, Kept, Told, replace
from asyncsynth.service.entries import Entries, is_draining
from asyncsynth.service.forms import Limits
from asyncsynth.service.lives import INTERRUPTED, Lives, refusal
from asyncsynth.service.watch import Watch


class Keeper:
    """`say` tells the person who started the service."""

    def __init__(self, kept: Kept, watch: Watch, say: Callable[[str], None]) -> None:
        self.entries = Entries(kept)
        self.lives = Lives(kept, watch, self._on_end)
        self._kept, self._watch, self._say = kept, watch, say
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
                self.entries.keep(entry.id, wanted=False)  # it ended, or somebody else goes on with it
            else:
                self._say(f"going on: {entry.directory}")
                self._go_on(entry.id)

    async def start(self, entry: Entry, config: bytes | None = None) -> None:
        """Start a run and wait until it works; `config` is written into its file first.

        Raises StoreLocked, UsageError, StoreError with what it said.
        """
        async with self.entries.alone(entry.id):
            self._watch.name(entry.id, entry.directory)
            began = await self.lives.newest_run(entry)
            if config is not None:
                replace(entry.config, config)
            await self._begin(entry, began)
        if (why := refusal(self.entries[entry.id].told)) is not None:
            raise why

    async def drain(self, run: str) -> None:
        """Send nothing new; what is under way ends and is kept; a second time cuts it off. Raises UsageError."""
        async with self.entries.alone(run):
            drains_already = self.entries[run].again and self.lives.is_alive(run)
            entry = self.entries.keep(run, wanted=False, again=False)
            if not drains_already and not await self.lives.interrupt(entry):
                raise UsageError("no run of this service works there", hint="there is nothing to drain")

    async def limit(self, run: str, limits: Limits) -> None:
        """New limits; a run that works drains, and goes on with them by itself. One that drains already just ends."""
        async with self.entries.alone(run):
            before = self.entries[run]
            drain = self.lives.is_alive(run) and not is_draining(before)
            entry = self.entries.keep(run, limits=before.limits.with_further(limits), again=before.again or drain)
            if drain and not await self.lives.interrupt(entry):
                self.entries.keep(run, again=False)

    def is_at_work(self, run: str) -> bool:
        """Whether a process that was started here is under way, or will be in a moment."""
        return run in self._going_on or self.lives.is_alive(run)

    async def stop(self) -> None:
        """Drain all runs and wait for their ends; the service goes on with them when it is started again."""
        self._stopping = True
        if going_on := list(self._going_on.values()):  # none of them must begin unseen
            await asyncio.wait(going_on)
        for entry in [each for each in self.entries.values() if not is_draining(each)]:
            await self.lives.interrupt(entry)
        await self.lives.all_ended()

    async def interrupt_all(self) -> None:
        """Cut off the calls of those that drain."""
        for entry in list(self.entries.values()):
            await self.lives.interrupt(entry)

    async def _begin(self, entry: Entry, after: int) -> None:
        self.entries[entry.id] = entry
        entry = self.entries.keep(entry.id, wanted=True, again=False, told=None, after=after, pid=0)
        entry = self.entries.keep(entry.id, pid=await self.lives.begin(entry))
        await self.lives.has_begun(entry)

    def _on_end(self, run: str, told: Told) -> None:
        """One that was killed, or drained with the whole service, goes on when the service is started again."""
        entry = self.entries[run]
        drained = told.status in INTERRUPTED and (entry.again or self._stopping)
        self.entries.keep(run, told=told, pid=0, wanted=entry.wanted and (told.status < 0 or drained), again=drained)
        if entry.again and drained and not self._stopping:
            self._go_on(run)

    def _go_on(self, run: str) -> None:
        task = self._going_on[run] = asyncio.create_task(self._started_again(run))
        task.add_done_callback(lambda _: self._going_on.pop(run, None))

    async def _started_again(self, run: str) -> None:
        await asyncio.sleep(0)  # its process has just ended
        try:
            async with self.entries.alone(run):
                began = await self.lives.newest_run(self.entries[run])
                await self._begin(self.entries[run], began)  # with the limits that were given meanwhile
        except AsyncsynthError as error:
            self.entries.keep(run, wanted=False, told=Told.of(error))
