"""All that the handlers of requests work with, and the questions that several of them ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from asyncsynth.app.following import Seen
from asyncsynth.errors import UsageError
from asyncsynth.service.entry import Entry
from asyncsynth.service.replies import Run
from asyncsynth.service.showing import shown, with_progress
from asyncsynth.service.state_folder import StateFolder
from asyncsynth.service.supervisor import Supervisor
from asyncsynth.service.surveys import Surveys
from asyncsynth.service.watch import Watch

T = TypeVar("T")


class NotThere(UsageError):
    """No run has this name."""


class NotOurs(UsageError):
    """The run was started by somebody else, or its config is not known here."""


class Looked(NamedTuple):
    """A run as it is shown, and what it was made from; `version` differs where anything does."""

    run: Run
    seen: Seen | None
    version: str


class Service:
    """What takes longer is done in few threads: each keeps the memory that it once needed for itself."""

    def __init__(self, folder: StateFolder, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.watch = Watch(folder)
        self.supervisor = Supervisor(folder, self.watch, say)
        self.surveys = Surveys(self.heavily)
        self._heavy = ThreadPoolExecutor(1, thread_name_prefix="heavy")
        self.closing = asyncio.Event()

    async def heavily(self, work: Callable[[], T]) -> T:
        """Work that takes seconds (a plan, a preview, a survey), one after the other; looks need not wait for it."""
        return await asyncio.get_running_loop().run_in_executor(self._heavy, work)

    def close(self) -> None:
        """Events end, and no more heavy work begins."""
        self.closing.set()
        self._heavy.shutdown(wait=False, cancel_futures=True)

    async def directory(self, run: str) -> Path:
        """Raises NotThere."""
        found = (await self.watch.directories()).get(run)
        if found is None:
            raise NotThere("there is no such run", hint="GET /api/runs lists them")
        return found

    def ours(self, run: str) -> Entry:
        """What is known of a run that was started here. Raises NotOurs."""
        entry = self.supervisor.entries.get(run)
        if entry is None:
            raise NotOurs("this service did not start it", hint="do it where it was started")
        return entry

    async def look(self, run: str) -> Looked:
        """A run with its progress. Raises NotThere."""
        directory = await self.directory(run)
        glance = await self.watch.glance(run)
        if glance is None:
            raise NotThere("it is no longer there", hint="GET /api/runs lists those that are")
        entry, alive = self.supervisor.entries.get(run), self.supervisor.is_at_work(run)
        name = directory.relative_to(self.folder.root).as_posix()
        listed = shown(run, name, glance, entry, alive=alive)
        version = f"{'' if glance.seen is None else glance.seen.version}.{listed.state.replace(' ', '-')}"
        return Looked(with_progress(listed, glance.seen, entry, self.folder), glance.seen, version)
