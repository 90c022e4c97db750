"""The lines of those who wait at the gate: one for each set of endpoints that can serve them.

Who waits for a busy endpoint holds up nobody whom another one serves. Where an endpoint serves several lines, the line
that fewest endpoints serve goes first, and leaves to the others what only they can use (of scheduling: the least
flexible job first); nobody is passed more often than within a line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from asyncsynth.pace.line import MOST_PASSES, Line, Waiter
from asyncsynth.values import Need

WaitOf = Callable[[Sequence[int], Sequence[Need | None]], float]  # of these endpoints, and what is needed of each


class Lines:
    """Waiters in the order of their coming; whether there are any is asked often, and `waiting` answers at once."""

    __slots__ = ("_came", "_lines", "waiting")

    def __init__(self) -> None:
        self._lines: dict[tuple[int, ...], Line] = {}
        self._came = 0
        self.waiting = 0

    def __iter__(self) -> Iterator[Waiter]:
        return chain.from_iterable(self._lines.values())

    @property
    def each(self) -> Sequence[Line]:
        """Those lines that somebody waits in."""
        return [line for line in self._lines.values() if line]

    def add(self, waiter: Waiter, *, first: bool = False) -> None:
        """`first`: before all others."""
        self._came += 1
        self.waiting += 1
        waiter.number = -self._came if first else self._came
        places = tuple(place for place, need in enumerate(waiter.needs) if need is not None)
        if (line := self._lines.get(places)) is None:
            line = self._lines[places] = Line()
        if first:
            line.push_first(waiter)
        else:
            line.append(waiter)

    def pop_first(self, line: Line) -> Waiter:
        """Take out who stands first in this line."""
        self.waiting -= 1
        return line.pop_first()

    def remove(self, waiter: Waiter) -> bool:
        """Take a waiter out who gave up; False: it waits no more."""
        removed = any(line.remove(waiter) for line in self.each)
        self.waiting -= removed
        return removed

    def take_next(self, ready: Sequence[int], wait_of: WaitOf) -> tuple[Waiter | None, float]:
        """Take out who is to be served now by one of these endpoints; else None, and the seconds until somebody may be.

        `wait_of` is as for a line.
        """
        shortest = math.inf
        held: set[int] = set()
        for places, line in self._in_turn():
            able = [place for place in ready if place in places and place not in held]
            if not able:
                continue
            found, wait = line.first_that_fits(lambda needs: wait_of(able, needs))  # noqa: B023 - called at once
            if found is not None:
                self.waiting -= 1
                waiter = line.take(found)
                self._count_passed(waiter, line, ready)
                return waiter, 0.0
            if wait == math.inf:  # nobody passes it, in whatever line
                break
            shortest = min(shortest, wait)
            if line.first.passed >= MOST_PASSES:
                held.update(able)
        return None, shortest

    def _in_turn(self) -> Sequence[tuple[tuple[int, ...], Line]]:
        lines = [item for item in self._lines.items() if item[1].waiters]
        if len(lines) > 1:
            lines.sort(key=_turn)
        return lines

    def _count_passed(self, served: Waiter, of: Line, ready: Sequence[int]) -> None:
        """Those at the head of other lines who came before, and could have been served by one of these endpoints."""
        if len(self._lines) > 1:
            for places, line in self._lines.items():
                if line is of or not line.waiters or line.first.number > served.number:
                    continue
                line.first.passed += any(place in ready for place in places)


def _turn(places_and_line: tuple[tuple[int, ...], Line]) -> tuple[bool, bool, int, int]:
    """Those who were refused, those who were passed too often, the least flexible, and the oldest go first."""
    places, line = places_and_line
    first = line.first
    return first.number > 0, first.passed < MOST_PASSES, len(places), first.number
