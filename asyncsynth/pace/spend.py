"""The spend cap: a call's reserve is set aside before it is sent, so the cap holds under every interleaving.

Synchronous state and integers (picodollars): no await can come between a check and what follows from it.
"""

from __future__ import annotations


class SpendCap:
    """What may be spent: `billed`, `possible` and `set_aside` picodollars together stay below `limit`.

    `billed` is certain, `possible` is what calls without a known end may have cost, `set_aside` are the reserves of the
    calls under way. `limit` None never blocks, but everything is counted.
    """

    __slots__ = ("billed", "limit", "possible", "set_aside")

    def __init__(self, limit: int | None, *, billed: int = 0, possible: int = 0) -> None:
        self.limit = limit
        self.billed = billed
        self.possible = possible
        self.set_aside = 0

    @property
    def spent(self) -> int:
        """What counts against the limit, whatever the calls under way will cost."""
        return self.billed + self.possible

    def fits(self, reserve: int | None) -> bool:
        """Whether a call with this reserve may be sent now; an unknown price is not tracked."""
        return self.limit is None or reserve is None or self.spent + self.set_aside + reserve <= self.limit

    def may_fit_later(self, reserve: int) -> bool:
        """Whether the calls under way could leave room for this reserve by costing less than theirs."""
        return self.limit is None or (self.set_aside > 0 and self.spent + reserve <= self.limit)

    def reserve(self, reserve: int | None) -> None:
        """A call is sent."""
        self.set_aside += reserve or 0

    def settle(self, reserve: int | None, cost: int | None, *, certain: bool = True) -> None:
        """The call is over and cost `cost`, or may have, if not `certain`; None: unknown, so its reserve stays."""
        self.set_aside -= reserve or 0
        if cost is not None and certain:
            self.billed += cost
        else:
            self.possible += (reserve or 0) if cost is None else cost
