"""The gate as the engine sees it: who lets calls out, to which endpoint, and hears how they ended."""

from __future__ import annotations

from typing import Protocol

from asyncsynth.values import Fault, Need, Permit, RateHints, Usage


class Gate(Protocol):
    """Every permit ends once: in settle(), settle_fault() or, where its call was never sent, release().

    Endpoints are known by their places.
    """

    async def admit(self, *needs: Need | None, first: bool = False) -> Permit | None:
        """Wait until a call may be sent; `first`: before all others who wait. None: the gate was stopped.

        `needs` are what it takes of each endpoint; None: that one can't make it.

        Raises SpendCapReached when there is no money for the call, and there won't be.
        """
        ...

    def settle(self, permit: Permit, usage: Usage, cost: int | None, *, latency_s: float) -> None:
        """The call was answered and cost so many picodollars; None: unknown."""
        ...

    def settle_fault(self, permit: Permit, fault: Fault, cost: int | None) -> None:
        """The call failed, and cost or may have cost so many picodollars; None: perhaps its reserve."""
        ...

    def release(self, permit: Permit) -> None:
        """The call was never sent."""
        ...

    def observe(self, permit: Permit, hints: RateHints) -> None:
        """Hear what the headers that came back for this call say of the provider's limits."""
        ...

    def doubt(self, endpoint: int, reason: str) -> None:
        """Nothing good comes from there: send only single probes."""
        ...

    def trust(self, endpoint: int) -> None:
        """Something good came: send again as before the doubt."""
        ...

    def close(self, endpoint: int) -> None:
        """Send nothing more there; there are others. Permits given out stay good."""
        ...

    def stop(self) -> None:
        """Give no more permits; those given out stay good."""
        ...
