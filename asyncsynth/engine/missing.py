"""The samples that a run has to make, in order, as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Protocol

from msgspec.structs import replace

from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.shelf import Samples
from asyncsynth.errors import UsageError
from asyncsynth.values import Request, Sample

NOTED_EVERY = 4096  # samples: what a resume has to look at one by one, at least where no kill came


class Grouping(Protocol):
    """An order in which samples that begin alike follow each other.

    `samples` gives all but the first so many, each with whether a group begins with it; `of` says what those of a group
    have in common.
    """

    @property
    def order(self) -> str: ...
    @property
    def samples(self) -> Callable[[int], Iterator[tuple[bool, Sample]]]: ...
    def of(self, sample: Sample) -> Hashable: ...


class Requests(Samples, Protocol):
    """`grouping`: None where requests are sent in the order of the samples."""

    @property
    def grouping(self) -> Grouping | None: ...
    def request(self, sample: Sample, generation: int = 0, lost: int = 0) -> Request: ...


class Progress(Protocol):
    """Which samples have their end (an answer or a dead letter), and how many from the first one on."""

    def has(self, key: str) -> bool: ...
    def generation(self, key: str) -> int: ...
    def ended(self, order: str) -> int: ...
    def note_ended(self, order: str, samples: int) -> None: ...


def missing(
    recipe: Requests, progress: Progress, inventory: Inventory, *, noted_every: int = NOTED_EVERY, ahead: int = 0
) -> Iterator[Request | Sample | None]:
    """What is to be made: requests, and samples whose request can't be rendered; None for a sample that is there.

    Begins after the samples that are known to have ended, and notes from time to time how many those are. Of samples
    that ask the same only the first one is asked. Where the recipe has groups, the first of each goes `ahead` of so
    many others.
    """
    if recipe.grouping is None:
        samples = _in_order(recipe, progress, inventory, noted_every)
    else:
        samples = _in_groups(recipe, recipe.grouping, progress, inventory, noted_every, ahead)
    for sample in samples:
        yield None if sample is None else asked(recipe, sample, progress.generation(sample.key))


def _in_order(recipe: Requests, progress: Progress, inventory: Inventory, noted_every: int) -> Iterator[Sample | None]:
    """The samples that are missing and wanted, in order; None for one that is there."""
    order, limited = recipe.order, recipe.limit > 0
    wanted, end = inventory.to_make, inventory.end
    start = progress.ended(order)
    under_way: dict[str, int] = {}  # key -> its sample's number, in order
    for number, sample in enumerate(recipe.samples(start), start):
        if limited and (not wanted if end is None else number >= end):
            return
        if number % noted_every == 0 and number > start:
            under_way = _still_under_way(under_way, progress)
            progress.note_ended(order, next(iter(under_way.values()), number))
        if sample.key in under_way or progress.has(sample.key):
            yield None
            continue
        under_way[sample.key] = number
        wanted -= 1
        yield sample


def _in_groups(
    recipe: Requests, grouping: Grouping, progress: Progress, inventory: Inventory, noted_every: int, ahead: int
) -> Iterator[Sample | None]:
    """The same samples, those that begin alike one after the other: a cache of prompts is hit.

    Where all are wanted and each asks something of its own, groups come one by one, and nothing is remembered but what
    is under way. Where only some are wanted, so many at a time are put in groups.
    """
    from asyncsynth.engine.together import in_windows, with_one_ahead  # noqa: PLC0415 - few recipes have groups

    if recipe.limit or inventory.end is not None:
        chosen = _in_order(recipe, _Unnoted(progress), inventory, noted_every)
        return with_one_ahead(in_windows(chosen, grouping.of), ahead)
    return with_one_ahead(_one_by_one(grouping, progress, noted_every), ahead)


class _Unnoted:
    """Progress of samples that are handed out in another order than that in which it would be noted."""

    def __init__(self, progress: Progress) -> None:
        self.has, self.generation, self.ended = progress.has, progress.generation, progress.ended

    def note_ended(self, order: str, samples: int) -> None:
        """Notes nothing."""


def _one_by_one(grouping: Grouping, progress: Progress, noted_every: int) -> Iterator[tuple[bool, Sample] | None]:
    """All that is missing, in the order of the groups."""
    order = grouping.order
    start = progress.ended(order)
    under_way: dict[str, int] = {}
    leads = True
    for number, (begins, sample) in enumerate(grouping.samples(start), start):
        leads |= begins
        if number % noted_every == 0 and number > start:
            under_way = _still_under_way(under_way, progress)
            progress.note_ended(order, next(iter(under_way.values()), number))
        if progress.has(sample.key):
            yield None
            continue
        under_way[sample.key] = number
        yield leads, sample
        leads = False


def _still_under_way(handed_out: dict[str, int], progress: Progress) -> dict[str, int]:
    """What has not ended of what was handed out, in its order."""
    return {key: number for key, number in handed_out.items() if not progress.has(key)}


def asked(recipe: Requests, sample: Sample, generation: int = 0) -> Request | Sample:
    """The request of a sample; the sample with its problem where that can't be rendered."""
    if sample.problem is not None:
        return sample
    try:
        return recipe.request(sample, generation)
    except UsageError as error:  # a template that fails for nothing but this UUID
        return replace(sample, problem=error.message)
