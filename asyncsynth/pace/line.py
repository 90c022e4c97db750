"""The line of those who wait at the gate: first come, first served, with a bounded look-ahead.

Up to LOOK_AHEAD waiters behind the first may go before it while it doesn't fit, so that a long prompt doesn't idle the
limit; but nobody is passed more than MOST_PASSES times, so that it doesn't starve beside short ones either.

Who was refused goes to the head: the room that the provider promised for later is for them, and others would take it.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from asyncsynth.values import Need, Permit

LOOK_AHEAD = 16
MOST_PASSES = 64


class Waiter:
    """Somebody in the line; `passed` counts those from behind who went first, `number` tells who came before whom."""

    __slots__ = ("needs", "number", "passed", "permit")

    def __init__(self, needs: Sequence[Need | None], permit: asyncio.Future[Permit | None]) -> None:
        self.needs = needs  # of each endpoint; None: that one can't serve it
        self.permit = permit
        self.passed = self.number = 0


class Line:
    """Waiters in their order; whether there are any is asked often, and `waiters` answers at once."""

    __slots__ = ("waiters",)

    def __init__(self) -> None:
        self.waiters: deque[Waiter] = deque()

    def __len__(self) -> int:
        return len(self.waiters)

    def __iter__(self) -> Iterator[Waiter]:
        return iter(self.waiters)

    @property
    def first(self) -> Waiter:
        return self.waiters[0]

    def append(self, waiter: Waiter) -> None:
        self.waiters.append(waiter)

    def push_first(self, waiter: Waiter) -> None:
        self.waiters.appendleft(waiter)

    def pop_first(self) -> Waiter:
        return self.waiters.popleft()

    def remove(self, waiter: Waiter) -> bool:
        """Take a waiter out who gave up; False: it isn't in the line any more."""
        try:
            self.waiters.remove(waiter)
        except ValueError:
            return False
        return True

    def first_that_fits(self, wait_of: Callable[[Sequence[Need | None]], float]) -> tuple[int | None, float]:
        """The place of the waiter who is to be served now; else None and the seconds until somebody may be.

        `wait_of` the needs is 0: it fits; inf: nobody knows when it will, and nobody may pass it meanwhile.
        """
        shortest = math.inf
        for place, waiter in enumerate(self.waiters):
            wait = wait_of(waiter.needs)
            if wait == 0.0:
                return place, 0.0
            shortest = min(shortest, wait)
            if wait == math.inf or waiter.passed >= MOST_PASSES or place >= LOOK_AHEAD:
                break
        return None, shortest

    def take(self, place: int) -> Waiter:
        """Take out who is served; those before it are passed."""
        for before in range(place):
            self.waiters[before].passed += 1
        waiter = self.waiters[place]
        del self.waiters[place]
        return waiter
