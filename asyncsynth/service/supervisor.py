"""Starts runs, stops them, and goes on with those that a kill of the service, or of the machine, cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asyncsynth.errors import AsyncsynthError, UsageError
from asyncsynth.service.entries import Entries, is_draining
from asyncsynth.service.entry import Ending, Entry
from asyncsynth.service.forms import Limits
from asyncsynth.service.processes import INTERRUPTED, Processes, refusal
from asyncsynth.service.state_folder import StateFolder, replace
from asyncsynth.service.watch import Watch


class Supervisor:
    """`say` tells the person who started the service."""

    def __init__(self, folder: StateFolder, watch: Watch, say: Callable[[str], None]) -> None:
        self.entries = Entries(folder)
        self.processes = Processes(folder, watch, self._on_end)
        self._folder, self._watch, self._say = folder, watch, say
        self._going_on: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def take_up(self) -> None:
        """Go on with what an earlier life of the service started: look on where it works, start what was cut off."""
        for entry in self._folder.entries():
            self.entries[entry.id] = entry
            self._watch.name(entry.id, entry.directory)
            if not entry.wanted:
                continue
            try:
                seen = await self.processes.seen(entry)
            except AsyncsynthError as error:
                self._on_end(entry.id, Ending.of(error))
                continue
            if seen.working and seen.pid == entry.pid:
                self.processes.adopt(entry)
            elif seen.working or (seen.run > entry.after and seen.ended is not None and not entry.again):
                self.entries.keep(entry.id, wanted=False)  # it ended, or somebody else goes on with it
            else:
                self._say(f"going on: {entry.directory}")
                self._go_on(entry.id)

    async def start(self, entry: Entry, config: bytes | None = None) -> None:
        """Start a run, its config written first, and wait until it works. Raises UsageError, StoreError as it said."""
        async with self.entries.alone(entry.id):
            self._watch.name(entry.id, entry.directory)
            began = await self.processes.newest_run(entry)
            if config is not None:
                replace(entry.config, config)
            await self._begin(entry, began)
        if (why := refusal(self.entries[entry.id].ending)) is not None:
            raise why

    async def drain(self, run: str) -> None:
        """Send nothing new; what is under way ends and is kept; a second time cuts it off. Raises UsageError."""
        async with self.entries.alone(run):
            drains_already = self.entries[run].again and self.processes.is_alive(run)
            entry = self.entries.keep(run, wanted=False, again=False)
            if not drains_already and not await self.processes.interrupt(entry):
                raise UsageError("no run of this service works there", hint="there is nothing to drain")

    async def limit(self, run: str, limits: Limits) -> None:
        """New limits; a run that works drains, and goes on with them by itself. One that drains already just ends."""
        async with self.entries.alone(run):
            before = self.entries[run]
            drain = self.processes.is_alive(run) and not is_draining(before)
            entry = self.entries.keep(run, limits=before.limits.with_further(limits), again=before.again or drain)
            if drain and not await self.processes.interrupt(entry):
                self.entries.keep(run, again=False)

    def is_at_work(self, run: str) -> bool:
        """Whether a process that was started here is under way, or will be in a moment."""
        return run in self._going_on or self.processes.is_alive(run)

    async def stop(self) -> None:
        """Drain all runs and wait for their ends; the service goes on with them when it is started again."""
        self._stopping = True
        if going_on := list(self._going_on.values()):  # none of them must begin unseen
            await asyncio.wait(going_on)
        for entry in [each for each in self.entries.values() if not is_draining(each)]:
            await self.processes.interrupt(entry)
        await self.processes.all_ended()

    async def interrupt_all(self) -> None:
        """Cut off the calls of those that drain."""
        for entry in list(self.entries.values()):
            await self.processes.interrupt(entry)

    async def _begin(self, entry: Entry, after: int) -> None:
        self.entries[entry.id] = entry
        entry = self.entries.keep(entry.id, wanted=True, again=False, ending=None, after=after, pid=0)
        entry = self.entries.keep(entry.id, pid=await self.processes.begin(entry))
        await self.processes.has_begun(entry)

    def _on_end(self, run: str, ending: Ending) -> None:
        """One that was killed, or drained with the whole service, goes on when the service is started again."""
        entry = self.entries[run]
        drained = ending.status in INTERRUPTED and (entry.again or self._stopping)
        self.entries.keep(
            run, ending=ending, pid=0, wanted=entry.wanted and (ending.status < 0 or drained), again=drained
        )
        if entry.again and drained and not self._stopping:
            self._go_on(run)

    def _go_on(self, run: str) -> None:
        task = self._going_on[run] = asyncio.create_task(self._started_again(run))
        task.add_done_callback(lambda _: self._going_on.pop(run, None))

    async def _started_again(self, run: str) -> None:
        await asyncio.sleep(0)  # its process has just ended
        try:
            async with self.entries.alone(run):
                began = await self.processes.newest_run(self.entries[run])
                await self._begin(self.entries[run], began)  # with the limits that were given meanwhile
        except AsyncsynthError as error:
            self.entries.keep(run, wanted=False, ending=Ending.of(error))
