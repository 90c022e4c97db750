"""The samples that a run has to make, those that begin alike one after the other: a cache of prompts is hit.

One of each group goes ahead of `ahead` others, so that what they share is in the cache when the next one comes.

Where all samples are wanted and each asks something of its own, groups come one by one, and nothing is remembered but
what is under way. Where only some are wanted, they are the same as in any order: WINDOW of them at a time are put in
groups.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.missing import Grouping, Progress, Requests, in_order, still_under_way
from asyncsynth.values import Sample

WINDOW = 20_000  # samples that are in memory, some 10 MB

T = TypeVar("T")
Led = tuple[bool, T]  # whether it goes ahead of those that begin as it does


def in_groups(
    recipe: Requests, grouping: Grouping, progress: Progress, inventory: Inventory, noted_every: int, ahead: int
) -> Iterator[Sample | None]:
    """The samples that are missing and wanted; None for one that is there."""
    if recipe.limit or inventory.end is not None:
        chosen = in_order(recipe, _Unnoted(progress), inventory, noted_every)
        return with_one_ahead(in_windows(chosen, grouping.of), ahead)
    return with_one_ahead(_one_by_one(grouping, progress, noted_every), ahead)


class _Unnoted:
    """Progress of samples that are handed out in another order than that in which it would be noted."""

    def __init__(self, progress: Progress) -> None:
        self.has, self.generation, self.ended = progress.has, progress.generation, progress.ended

    def note_ended(self, order: str, samples: int) -> None:
        """Notes nothing."""


def _one_by_one(grouping: Grouping, progress: Progress, noted_every: int) -> Iterator[Led[Sample] | None]:
    """All that is missing, in the order of the groups."""
    order = grouping.order
    start = progress.ended(order)
    under_way: dict[str, int] = {}
    leads = True
    for number, (begins, sample) in enumerate(grouping.samples(start), start):
        leads |= begins
        if number % noted_every == 0 and number > start:
            under_way = still_under_way(under_way, progress)
            progress.note_ended(order, next(iter(under_way.values()), number))
        if progress.has(sample.key):
            yield None
            continue
        under_way[sample.key] = number
        yield leads, sample
        leads = False


def in_windows(samples: Iterator[T | None], group_of: Callable[[T], Hashable]) -> Iterator[Led[T] | None]:
    """These, so many at a time, each group together; None passes at once."""
    groups: dict[Hashable, list[T]] = {}
    room = WINDOW
    for sample in samples:
        if sample is None:
            yield None
            continue
        groups.setdefault(group_of(sample), []).append(sample)
        room -= 1
        if not room:
            yield from _each(groups)
            groups, room = {}, WINDOW
    yield from _each(groups)


def _each(groups: dict[Hashable, list[T]]) -> Iterator[Led[T]]:
    for group in groups.values():
        for number, sample in enumerate(group):
            yield number == 0, sample


def with_one_ahead(things: Iterator[Led[T] | None], ahead: int) -> Iterator[T | None]:
    """The first of each group before as many as `ahead` of those that follow the ones before it."""
    behind: deque[T] = deque()
    for led in things:
        if led is None:
            yield None
            continue
        leads, thing = led
        if leads:
            yield thing
        else:
            behind.append(thing)
            if len(behind) > ahead:
                yield behind.popleft()
    yield from behind
