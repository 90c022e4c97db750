"""Requests that change something: marks, and the runs that this service starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from asyncsynth.app.job import job_of
from asyncsynth.app.marking import add_mark
from asyncsynth.app.posted import Posted, posted_config
from asyncsynth.service import forms, replies
from asyncsynth.service.entry import Entry
from asyncsynth.service.service import Service


async def mark(service: Service, name: str, marked: forms.Marked) -> replies.Done:
    await asyncio.to_thread(add_mark, await service.directory(name), marked.key, marked.mark, marked.note)
    return replies.Done()


async def start(service: Service, asked: forms.Start) -> replies.Run:
    entry = await service.heavily(lambda: _entry(service, asked))
    await service.supervisor.start(entry, None if asked.config is None else asked.config.encode())
    return (await service.look(entry.id)).run


def _entry(service: Service, asked: forms.Start) -> Entry:
    """What is asked for, checked as a whole; a text becomes a file, so that the command line can go on with it."""
    root = service.folder.root
    config = posted_config(asked.posted(), root)
    job_of(config)
    directory = Path(config.output.directory).resolve()
    name = service.folder.id_of(directory)
    file = root / (asked.file if asked.file is not None else f"serve-{name}.toml")
    return Entry(
        id=name, directory=directory, config=file, output=asked.output, limit=asked.limit, limits=asked.limits,
        accept_changes=asked.accept_changes,
    )  # fmt: skip


async def drain(service: Service, name: str, nothing: forms.Nothing) -> replies.Done:
    del nothing
    await service.supervisor.drain(service.ours(name).id)
    return replies.Done()


async def resume(service: Service, name: str, asked: forms.Resume) -> replies.Done:
    entry = service.ours(name)
    await service.supervisor.start(entry.model_copy(update={"accept_changes": asked.accept_changes}))
    return replies.Done()


async def limits(service: Service, name: str, given: forms.Limits) -> replies.Done:
    entry = service.ours(name)
    await service.heavily(lambda: _check(entry, entry.limits.with_further(given), service.folder.root))
    await service.supervisor.limit(name, given)
    return replies.Done()


def _check(entry: Entry, limits: forms.Limits, root: Path) -> None:
    """Raises what its config would with these limits, as long as the run can be left as it is."""
    file = entry.config.relative_to(root).as_posix()
    job_of(posted_config(Posted(file, None, forms.options(entry.output, entry.limit, limits)), root))
