"""The samples that a run has to make, in order, as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.shelf import Samples
from asyncsynth.errors import UsageError
from asyncsynth.values import Request, Sample

NOTED_EVERY = 4096  # samples: what a resume has to look at one by one, at least where no kill came


class Requests(Samples, Protocol):
    def request(self, sample: Sample, generation: int = 0) -> Request: ...


class Progress(Protocol):
    """Which samples have their end (an answer or a dead letter), and how many from the first one on."""

    def has(self, key: str) -> bool: ...
    def generation(self, key: str) -> int: ...
    def ended(self, order: str) -> int: ...
    def note_ended(self, order: str, samples: int) -> None: ...


def missing(
    recipe: Requests, progress: Progress, inventory: Inventory, *, noted_every: int = NOTED_EVERY
) -> Iterator[Request | Sample | None]:
    """What is to be made: requests, and samples whose request can't be rendered; None for a sample that is there.

    Begins after the samples that are known to have ended, and notes from time to time how many those are. Of samples
    that ask the same only the first one is asked.
    """
    order, limited = recipe.order, recipe.limit > 0
    wanted, end = inventory.to_make, inventory.end
    start = progress.ended(order)
    under_way: dict[str, int] = {}  # key -> its sample's number, in order
    for number, sample in enumerate(recipe.samples(start), start):
        if limited and (not wanted if end is None else number >= end):
            return
        if number % noted_every == 0 and number > start:
            under_way = {key: of for key, of in under_way.items() if not progress.has(key)}
            progress.note_ended(order, next(iter(under_way.values()), number))
        if sample.key in under_way or progress.has(sample.key):
            yield None
            continue
        under_way[sample.key] = number
        wanted -= 1
        yield asked(recipe, sample, progress.generation(sample.key))


def asked(recipe: Requests, sample: Sample, generation: int = 0) -> Request | Sample:
    """The request of a sample; the sample with its problem where that can't be rendered."""
    if sample.problem is not None:
        return sample
    try:
        return recipe.request(sample, generation)
    except UsageError as error:  # a template that fails for nothing but this UUID
        return sample._replace(problem=error.message)
