"""The endpoints of a run as its samples see them: which are left, what a call takes of each, how long to wait."""

from __future__ import annotations

from collections.abc import Sequence

from asyncsynth.engine.collaborators import Supplier
from asyncsynth.engine.health import Health
from asyncsynth.engine.lanes import Lanes
from asyncsynth.engine.verdict import History
from asyncsynth.values import Fault, Need, Request


class Suppliers:
    """All of a run's, by their places. Synchronous, no clock.

    `healths`: what the outcomes of its calls say of each. `closed`: those that take no more calls, each with the reason
    of the fault that closed it.
    """

    def __init__(self, suppliers: Sequence[Supplier], lanes: Lanes, max_attempts: int) -> None:
        self._suppliers = suppliers
        self._lanes = lanes
        self.healths = [Health(max_attempts) for _ in suppliers]
        self.closed: dict[int, str] = {}

    def __getitem__(self, place: int) -> Supplier:
        return self._suppliers[place]

    @property
    def some_step_has_none(self) -> bool:
        """Whether all endpoints of a step are closed, so that nothing of it can be made any more."""
        return any(self.closed.keys() >= set(places) for places in self._lanes.places)

    def needs(self, request: Request, history: History) -> list[Need | None]:
        """What a call takes of each endpoint; None: it can't make this sample, or takes no calls any more."""
        closed, too_large_for = self.closed, history.too_large_for
        return [
            None
            if (meter := supplier.meters.get(request.step)) is None
            or place in closed
            or place in too_large_for
            or (need := meter.need(request)).prompt_bytes > meter.longest
            else need
            for place, supplier in enumerate(self._suppliers)
        ]

    def seconds_to_wait(self, last: Fault, history: History, at: float) -> float:
        """How long a sample waits that was put aside for this fault, and that nothing good has released."""
        left = (health for place, health in enumerate(self.healths) if place not in self.closed)
        return min((health.seconds_to_wait(last, history.last_call, at) for health in left), default=0.0)

    def why_no_money(self, request: Request) -> str | None:
        """What is wrong with an endpoint where the cap is reached by calls that brought nothing; None: nothing is."""
        for supplier, health in zip(self._suppliers, self.healths, strict=True):
            meter = supplier.meters.get(request.step)
            reserve = 0 if meter is None else meter.need(request).reserve or 0
            if (why := health.why_no_money(reserve)) is not None:
                return why
        return None
