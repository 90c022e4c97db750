"""What follows from a fault: for its sample (next_step) and for the whole run (Health). Synchronous, no clock.

The rules are those of design.md, Faults; the table in provider/faults.py says what a fault is.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto

from asyncsynth.values import Action, Billing, Fault

SAME_REFUSALS_THAT_STOP = 5  # the first samples of a run, all refused for the same reason
PAGES_THAT_STOP = 2  # of HTML running, where nothing has answered yet
PAGES_AFTER_ANSWERS = 10  # once it has answered, a few are a passing fault of something in between
TRY_SECONDS = 0.5  # connection failures closer together are one try to reach the endpoint
OUTAGE_SECONDS = 30.0  # of nothing but connection failures, after which everyone waits


class Step(Enum):
    """What a worker does with a sample after a fault."""

    RETRY = auto()  # after a backoff
    AGAIN = auto()  # as soon as the gate lets it
    GIVE_UP = auto()
    STOP = auto()


@dataclass(frozen=True, slots=True)
class Rules:
    """How often one sample is tried."""

    max_attempts: int
    max_reasks: int


@dataclass(slots=True)
class History:
    """The attempts of one sample in this run."""

    sent: int = 0
    counted: int = 0
    reasks: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, fault: Fault) -> None:
        self.reasons[fault.reason] += 1
        self.counted += fault.counts


def next_step(fault: Fault, history: History, rules: Rules) -> Step:
    """What to do with a sample whose newest fault, already in its history, is `fault`."""
    match fault.action:
        case Action.STOP:
            return Step.STOP
        case Action.PAUSE:
            return Step.AGAIN
        case Action.DEAD:
            if fault.billing is Billing.YES and history.reasks < rules.max_reasks:
                history.reasks += 1
                return Step.AGAIN
            return Step.GIVE_UP
        case Action.RETRY:
            too_often = fault.max_tries is not None and history.reasons[fault.reason] >= fault.max_tries
            return Step.GIVE_UP if too_often or history.counted >= rules.max_attempts else Step.RETRY


class Health:
    """Watches all outcomes of a run for what no single sample can see."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._answered = False
        self._refused: Counter[str] = Counter()
        self._html_running = 0
        self._unreachable_since: float | None = None
        self._last_try_at = -math.inf
        self._tries = 0

    def on_answer(self) -> None:
        self._answered = True
        self._html_running = 0
        self._unreachable_since = None

    def why_stop(self, fault: Fault, at: float) -> str | None:
        """The message to stop the run with after this fault, or None to go on; `at` in seconds since the epoch."""
        if fault.action is Action.STOP:
            return fault.message
        self._html_running = self._html_running + 1 if fault.reason == "html" else 0
        if self._html_running >= (PAGES_AFTER_ANSWERS if self._answered else PAGES_THAT_STOP):
            return f"{fault.message}, {self._html_running} times running: is endpoint.base_url right?"
        if self._answered:
            return None
        if fault.reason == "unreachable" and self._tries_to_reach(at) >= self._rules.max_attempts:
            return f"{fault.message}, {self._rules.max_attempts} tries running: is endpoint.base_url right?"
        if fault.action is Action.DEAD and fault.billing is Billing.NO:
            self._refused[fault.reason] += 1
            if self._refused[fault.reason] >= SAME_REFUSALS_THAT_STOP:
                return f"the first {SAME_REFUSALS_THAT_STOP} samples were all refused alike: {fault.message}"
        return None

    def _tries_to_reach(self, at: float) -> int:
        # Workers that knock at the same moment make one try.
        if at - self._last_try_at >= TRY_SECONDS:
            self._last_try_at = at
            self._tries += 1
        return self._tries

    def outage(self, fault: Fault, at: float) -> bool:
        """Whether nothing but connection failures came for OUTAGE_SECONDS (then everyone should wait)."""
        if fault.reason != "unreachable":
            self._unreachable_since = None
            return False
        if self._unreachable_since is None:
            self._unreachable_since = at
        return at - self._unreachable_since >= OUTAGE_SECONDS
