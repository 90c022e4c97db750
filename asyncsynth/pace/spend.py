"""The spend cap: the worst case of a call is reserved before it is sent, so the cap holds under every interleaving.

Synchronous state and integers (picodollars): no await can come between a check and its reservation.
"""

from __future__ import annotations


class SpendCap:
    """`spent` and `reserved` picodollars below `limit`; limit None never blocks but still counts."""

    __slots__ = ("limit", "reserved", "spent")

    def __init__(self, limit: int | None, spent: int = 0) -> None:
        self.limit = limit
        self.spent = spent
        self.reserved = 0

    @property
    def room(self) -> int | None:
        """What may still be reserved; None: no limit."""
        return None if self.limit is None else self.limit - self.spent - self.reserved

    def fits(self, worst: int | None) -> bool:
        """Whether a call of this worst case may be sent now; an unknown price is not tracked."""
        return self.limit is None or worst is None or self.spent + self.reserved + worst <= self.limit

    def may_fit_later(self, worst: int) -> bool:
        """Whether the calls in flight could leave room for this worst case by costing less than theirs."""
        return self.limit is None or (self.reserved > 0 and self.spent + worst <= self.limit)

    def reserve(self, worst: int | None) -> None:
        if worst is not None:
            self.reserved += worst

    def settle(self, worst: int | None, cost: int | None) -> None:
        """The call is over and cost `cost`; None: unknown, so its worst case stays."""
        if worst is not None:
            self.reserved -= worst
        charged = worst if cost is None else cost
        if charged is not None:
            self.spent += charged
