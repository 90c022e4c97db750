"""Requests that look at runs: a function each, from what was checked to a reply."""

from __future__ import annotations

import asyncio

from asyncsynth.app.excerpt import View, excerpt
from asyncsynth.app.marking import marks_of
from asyncsynth.service import forms, replies
from asyncsynth.service.service import Service


async def runs(service: Service) -> replies.Runs:
    names = await service.watch.directories()
    found = [(await service.look(run)).run.model_copy(update={"progress": None}) for run in names]
    return replies.Runs(runs=sorted(found, key=lambda run: (not run.working, run.directory)))


async def run(service: Service, name: str) -> replies.Run:
    return (await service.look(name)).run


async def records(service: Service, name: str, page: forms.Page) -> replies.Samples:
    return await _lines(service, name, "records", page)


async def failures(service: Service, name: str, page: forms.Page) -> replies.Samples:
    return await _lines(service, name, "failures", page)


async def _lines(service: Service, name: str, view: View, page: forms.Page) -> replies.Samples:
    directory = await service.directory(name)
    where = [(axis, value) for axis, _, value in (each.partition(":") for each in page.where)]
    found = await asyncio.to_thread(lambda: excerpt(directory, view, after=page.after, limit=page.limit, where=where))
    return replies.Samples(samples=list(found.lines), next=found.after)


async def marks(service: Service, name: str) -> replies.Marks:
    there = await asyncio.to_thread(marks_of, await service.directory(name))
    return replies.Marks(
        marks=[replies.Mark(key=key, mark=mark.mark or None, note=mark.note) for key, mark in there.items()]
    )
