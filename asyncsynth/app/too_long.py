"""Rows of files that are too long for the model: told before anything is spent, since nothing is sent of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from msgspec.structs import replace

from asyncsynth.app.first_requests import assumed_answers
from asyncsynth.app.job import Job
from asyncsynth.errors import UsageError
from asyncsynth.pace.estimate import size
from asyncsynth.provider.usage import BYTES_PER_TOKEN
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.recipe.sources.source import Source
from asyncsynth.text import count
from asyncsynth.values import Request, Sample

LOOKED_AT = 1000  # long rows of an axis that are rendered; of more it is said that there are more


class _Room(NamedTuple):
    """The longest prompt that a step can send, with what goes beside it; in bytes."""

    step: str
    prompt: int
    beside: int


def too_long(job: Job) -> Iterator[str]:
    """A sentence for each axis some of whose rows make a request that no endpoint of its step has room for."""
    sources = job.sources
    rooms = list(_rooms(job)) if sources else []
    if not rooms:
        return
    least = min(room.prompt for room in rooms)
    first = next(iter(job.recipe.samples()), None)
    for name, source in sources.items():
        if first is None or source.told.longest <= least // 2:  # what is said around a row is shorter than half of it
            continue
        rows = source.longer_than(least // 2)
        found = list(_of_rows(job, rooms, {name: source}, islice(rows, LOOKED_AT), first))
        if found:
            yield _sentence(source, found, more=next(rows, None) is not None)


def _rooms(job: Job) -> Iterator[_Room]:
    """Of those steps whose endpoints all have a context that is known."""
    for step in dict.fromkeys(step for target in job.targets for step in target.steps):
        serving = [target for target in job.targets if step in target.steps]
        longest = [target.for_step(step).longest_prompt for target in serving]
        known = [each for each in longest if each is not None]
        if len(known) == len(longest):
            yield _Room(step, max(known), min(target.beside(step) for target in serving))


def _of_rows(
    job: Job, rooms: list[_Room], axis: Mapping[str, Source], rows: Iterator[int], first: Sample
) -> Iterator[tuple[int, int, int]]:
    """(number of a row, bytes of its request, of which there is room for so many)"""
    ((name, source),) = axis.items()
    for row in rows:
        sample = replace(first, combination={**first.combination, name: source.value(row)})
        for room in rooms:
            of_request = max(
                (size(each.text) + size(each.system or "") for each in _asked(job, room, sample)), default=0
            )
            if of_request + room.beside > room.prompt:
                yield row, of_request + room.beside, room.prompt
                break


def _asked(job: Job, room: _Room, sample: Sample) -> Iterator[Request]:
    """What a step asks of a sample, where earlier answers are empty."""
    recipe = job.recipe
    with suppress(UsageError):  # a request that can't be rendered is told elsewhere
        if isinstance(recipe, Recipe):
            yield recipe.request(sample)
            return
        answers = assumed_answers(job, recipe, "")
        for step in recipe.steps:
            for one in step.asks_of(sample):
                if one.lane == room.step:
                    yield one.request(sample, answers, take=0, generation=0)


def _sentence(source: Source, found: list[tuple[int, int, int]], *, more: bool) -> str:
    row, of_request, room = found[0]
    rows = count(len(found), "row")
    several = f"{'at least ' if more else ''}{rows} of {source.told.path.name} {'is' if len(found) == 1 else 'are'}"
    return (
        f"{several} too long for the context of {room // BYTES_PER_TOKEN:,} tokens, like {source.place(row)}, whose "
        f"request has about {of_request // BYTES_PER_TOKEN:,}"
        ": such requests are not sent, and their samples become dead letters"
    )
