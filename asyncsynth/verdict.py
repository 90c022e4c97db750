"""What follows from a fault: for its sample (next_step) and for the whole run (Health). Synchronous, no clock.

The rules are those of design.md, Faults; the table in provider/faults.py says what a fault is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto

from asyncsynth.values import Action, Billing, Fault

SAME_REFUSALS_THAT_STOP = 5  # the first samples of a run, all refused for the same reason
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

    def on_answer(self) -> None:
        self._answered = True
        self._html_running = 0
        self._unreachable_since = None

    def why_stop(self, fault: Fault, history: History) -> str | None:
        """The message to stop the run with after this fault, or None to go on."""
        if fault.action is Action.STOP:
            return fault.message
        self._html_running = self._html_running + 1 if fault.reason == "html" else 0
        if self._html_running >= 2:
            return f"{fault.message}: is endpoint.base_url right?"
        if self._answered:
            return None
        if fault.reason == "unreachable" and history.counted >= self._rules.max_attempts:
            return f"{fault.message}, {history.counted} times running, and nothing has answered: is base_url right?"
        if fault.action is Action.DEAD and fault.billing is Billing.NO:
            self._refused[fault.reason] += 1
            if self._refused[fault.reason] >= SAME_REFUSALS_THAT_STOP:
                return f"the first {SAME_REFUSALS_THAT_STOP} samples were all refused alike: {fault.message}"
        return None

    def outage(self, fault: Fault, at: float) -> bool:
        """Whether nothing but connection failures came for OUTAGE_SECONDS (then everyone should wait)."""
        if fault.reason != "unreachable":
            self._unreachable_since = None
            return False
        if self._unreachable_since is None:
            self._unreachable_since = at
        return at - self._unreachable_since >= OUTAGE_SECONDS
