"""Things of a group one after the other, and one of each ahead of the rest, in bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import TypeVar

WINDOW = 20_000  # samples that are in memory, some 10 MB

T = TypeVar("T")
Led = tuple[bool, T]  # whether it goes ahead of those that begin as it does


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
