"""Requests that look at runs: a function each, from what was checked to a reply."""

from __future__ import annotations

import asyncio
import shlex
from pathlib import Path
from typing import Any

from asyncsynth.app.excerpt import Excerpt, View, excerpt
from asyncsynth.app.marking import MARKS, marks_of
from asyncsynth.app.survey import Wanted
from asyncsynth.outputs.survey.doubts import doubts_of
from asyncsynth.outputs.survey.samples import answer_in, sample_of_failure, sample_of_record
from asyncsynth.service import contents, forms, replies
from asyncsynth.service.entry import Entry
from asyncsynth.service.service import Service


async def runs(service: Service) -> replies.Runs:
    names = await service.watch.directories()
    found = [(await service.look(run)).run.model_copy(update={"progress": None}) for run in names]
    return replies.Runs(runs=sorted(found, key=lambda run: (not run.working, run.directory)))


async def run(service: Service, name: str) -> replies.Run:
    return (await service.look(name)).run


async def records(service: Service, name: str, page: forms.Page) -> contents.Records:
    found = await _lines(service, name, "records", page)
    return contents.Records(records=list(found.lines), next=found.after)


async def failures(service: Service, name: str, page: forms.Page) -> contents.Failures:
    found = await _lines(service, name, "failures", page)
    return contents.Failures(failures=list(found.lines), next=found.after)


async def samples(service: Service, name: str, page: forms.SamplePage) -> contents.Samples:
    found = await _lines(service, name, page.of, page)
    shown = sample_of_failure if page.of == "failures" else _sample
    return contents.Samples(samples=[shown(line) for line in found.lines], next=found.after)


def _sample(record: dict[str, Any]) -> dict[str, Any]:
    return sample_of_record(record, doubts_of(record, answer_in(record)))


async def _lines(service: Service, name: str, view: View, page: forms.Page) -> Excerpt:
    directory = await service.directory(name)
    where = [(axis, value) for axis, _, value in (each.partition(":") for each in page.where)]
    return await asyncio.to_thread(lambda: excerpt(directory, view, after=page.after, limit=page.limit, where=where))


async def survey(service: Service, name: str, asked: forms.Surveyed) -> contents.Survey:
    looked = await service.look(name)
    directory = await service.directory(name)
    options = _options(directory, service.supervisor.entries.get(name))
    wanted = Wanted(asked.samples, options=options, marks=shlex.quote(str(directory / MARKS)))
    told = await service.surveys.of(name, directory, looked.version, wanted)
    return contents.Survey.model_validate({**told, "directory": looked.run.directory})


def _options(directory: Path, entry: Entry | None) -> str:
    """What leads commands to this run from wherever they are given; the config of others' runs is not known."""
    if entry is None:
        return f" --output {shlex.quote(str(directory))}"
    output = "" if entry.output is None else f" --output {shlex.quote(str(directory))}"
    return f" --config {shlex.quote(str(entry.config))}{output}"


async def marks(service: Service, name: str) -> contents.Marks:
    there = await asyncio.to_thread(marks_of, await service.directory(name))
    return contents.Marks(
        marks=[contents.Mark(key=key, mark=mark.mark or None, note=mark.note) for key, mark in there.items()]
    )
