"""The gate as the engine sees it: who lets calls out, and hears how they ended."""

from __future__ import annotations

from typing import Protocol

from asyncsynth.values import Fault, Need, Permit, RateHints, Usage


class Gate(Protocol):
    """Every permit ends once: in settle(), settle_fault() or, where its call was never sent, release()."""

    async def admit(self, need: Need, *, first: bool = False) -> Permit | None:
        """Wait until a call may be sent; `first`: before all others who wait. None: the gate was stopped.

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

    def observe(self, hints: RateHints) -> None:
        """Hear what the provider's headers say of its limits."""
        ...

    def doubt(self, reason: str) -> None:
        """Nothing good comes: send only single probes."""
        ...

    def trust(self) -> None:
        """Something good came: send again as before the doubt."""
        ...

    def stop(self) -> None:
        """Give no more permits; those given out stay good."""
        ...
