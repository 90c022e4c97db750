"""Tells of faults while a run works: the first of each kind at once, then at most one line a minute with the count."""

from __future__ import annotations

from collections.abc import Callable

from asyncsynth.cli.display import Display
from asyncsynth.values import Fault

AGAIN_AFTER_S = 60.0


class Troubles:
    def __init__(self, display: Display, clock: Callable[[], float]) -> None:
        self._display = display
        self._clock = clock
        self._told: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def on_fault(self, fault: Fault) -> None:
        now, reason = self._clock(), fault.reason
        self._untold[reason] = self._untold.get(reason, 0) + 1
        if now - self._told.get(reason, -AGAIN_AFTER_S) >= AGAIN_AFTER_S:
            self._told[reason] = now
            self._display.note(
                "fault", reason=reason, times=self._untold.pop(reason), then=fault.action.value, message=fault.message
            )
