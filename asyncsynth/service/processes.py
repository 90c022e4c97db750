"""The processes of runs: each from its start, or from the restart of the service that it outlived, to its end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from asyncsynth.app.following import Seen
from asyncsynth.errors import StoreError, StoreLocked, UsageError
from asyncsynth.service.entry import Ending, Entry
from asyncsynth.service.process import ending_of, interrupt, started
from asyncsynth.service.state_folder import StateFolder
from asyncsynth.service.watch import Watch

LOOK_S = 0.05  # between two looks at a process that begins
ADOPTED_LOOK_S = 1.0  # at one that an earlier life of the service started, and this one can't wait for
BEGIN_S = 60.0  # in which a process has begun its run, or has ended
INTERRUPTED = (130, -signal.SIGINT)  # of one that was told to end; the second: before it could drain, or when it had
REFUSED = (2, 5)  # exit statuses of a run that did not begin
# How a manifest says that a run ended -> the exit status of its process; None: it was killed.
STATUSES = {"complete": 0, "interrupted": 130, None: -signal.SIGKILL}


class Processes:
    """By the names of runs; `on_end` is called with how each ended."""

    def __init__(self, folder: StateFolder, watch: Watch, on_end: Callable[[str, Ending], None]) -> None:
        self._folder, self._watch, self._on_end = folder, watch, on_end
        self._children: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def is_alive(self, run: str) -> bool:
        return run in self._tasks and not self._tasks[run].done()

    async def begin(self, entry: Entry) -> int:
        """Start the process; its number."""
        process = self._children[entry.id] = await started(entry, self._folder)
        self._follow(entry.id, self._to_the_end(entry.id, process))
        return process.pid

    def adopt(self, entry: Entry) -> None:
        """Look on at a process that an earlier life of the service started."""
        self._follow(entry.id, self._look_on(entry))

    async def newest_run(self, entry: Entry) -> int:
        """The number of the run that was the last one there. Raises StoreLocked where one is at work."""
        seen = await self.seen(entry)
        if seen.working or self.is_alive(entry.id):
            raise StoreLocked(f"a run is already working on {entry.directory}", hint="drain it, or wait for its end")
        return seen.run

    async def has_begun(self, entry: Entry) -> None:
        """Wait until the process has begun its run, or has ended."""
        until = asyncio.get_running_loop().time() + BEGIN_S
        while self.is_alive(entry.id) and asyncio.get_running_loop().time() < until:
            if (await self.seen(entry)).run > entry.after:
                return
            await asyncio.wait([self._tasks[entry.id]], timeout=LOOK_S)

    async def interrupt(self, entry: Entry) -> bool:
        """Let the run drain, and the second time cut off its calls; False where no process of ours works there."""
        if not self.is_alive(entry.id):
            return False
        if (process := self._children.get(entry.id)) is not None:
            process.send_signal(signal.SIGINT)
            return True
        return interrupt(entry, await self.seen(entry))

    async def all_ended(self) -> None:
        if tasks := [task for task in self._tasks.values() if not task.done()]:
            await asyncio.wait(tasks)

    async def seen(self, entry: Entry) -> Seen:
        """What is in its directory now. Raises StoreError where that can't be read."""
        glance = await self._watch.glance(entry.id, fresh=True)
        assert glance is not None, "it was named"
        if glance.error is not None:
            raise glance.error
        assert glance.seen is not None
        return glance.seen

    def _follow(self, run: str, to_its_end: Coroutine[Any, Any, None]) -> None:
        self._tasks[run] = asyncio.create_task(to_its_end, name=f"run {run}")

    async def _to_the_end(self, run: str, process: asyncio.subprocess.Process) -> None:
        status = await process.wait()
        del self._children[run]
        self._on_end(run, ending_of(status, self._folder.log_of(run)))

    async def _look_on(self, entry: Entry) -> None:
        try:
            while (seen := await self.seen(entry)).working:  # noqa: ASYNC110 - it is no child of this process
                await asyncio.sleep(ADOPTED_LOOK_S)
        except StoreError as error:
            self._on_end(entry.id, Ending(status=error.exit_status, message=error.message, hint=error.hint))
        else:
            self._on_end(entry.id, ending_of(STATUSES.get(seen.ended, 1), self._folder.log_of(entry.id)))


def refusal(ending: Ending | None) -> UsageError | StoreError | None:
    """Why a run did not begin, if it did not."""
    if ending is None or ending.status not in REFUSED:
        return None
    kind = UsageError if ending.status == UsageError.exit_status else StoreError
    return kind(ending.message or "the run did not begin", hint=ending.hint or "")
