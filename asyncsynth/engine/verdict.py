"""What follows from a fault for its sample. Synchronous, no clock.

A dead letter needs proof that the endpoint was well: another sample's call, sent after the one that failed, was
answered. Without it nothing is decided: attempts don't count, and verdicts are held back until something good comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.engine.health import Health, Trouble, trouble_of
from asyncsynth.engine.refusals import Refusals
from asyncsynth.values import Action, Billing, Fault, Permit


class Step(Enum):
    """What a worker does with a sample after a fault."""

    RETRY = auto()  # after a backoff
    AGAIN = auto()  # as soon as the gate lets it
    WAIT = auto()  # once something good has come; or if nobody else is left to bring it
    PARK = auto()  # once something good has come, and not before
    CONDEMN = auto()  # a dead letter, once something good has come
    GIVE_UP = auto()  # a dead letter
    STOP = auto()  # nothing: the run ends


class Rules(Struct, frozen=True):
    """How often one sample is tried."""

    max_attempts: int
    max_reasks: int


class History:
    """The attempts of one sample in this run. Most never fail, so what all begin with stands in the class."""

    sent = 0
    tries: Mapping[str, int] = MappingProxyType({})  # that failed, by reason; refusals for the rate are none
    proved: Mapping[str, int] = MappingProxyType({})  # the first of them, and those with proof since the one before
    rejected = 0  # answers that were paid and can't be used
    refusals: Refusals | None = None  # for its rate, by the endpoint that refused it last; None: never
    too_large_for: frozenset[int] = frozenset()  # places of endpoints whose limits it never fits
    last: Fault | None = None
    last_call = 0  # the number of the call that brought it
    endpoint = 0  # the place of the one that it went to
    _proved_call = -1  # the same for the last proved one

    def add(self, fault: Fault, permit: Permit, health: Health) -> None:
        """Note the fault that a call of `permit` brought, and of which `health` knows."""
        self.last, self.last_call, self.endpoint = fault, permit.number, permit.endpoint
        if fault.action is Action.PAUSE:
            if self.refusals is None or self.refusals.endpoint != permit.endpoint:
                self.refusals = Refusals(health.answers, health.repeated, permit.endpoint)
            self.refusals.add(fault, permit, health)
            return
        self.tries = _with(self.tries, fault.reason)
        self.rejected += fault.action is Action.DEAD and fault.billing is Billing.YES
        if fault.counts and fault.reached and health.newest_answered > self._proved_call:
            self.proved = _with(self.proved, fault.reason)
            self._proved_call = permit.number

    @property
    def failed(self) -> int:
        """Tries that failed."""
        return sum(self.tries.values())

    @property
    def goes_first(self) -> bool:
        """Whether this sample's next call is the first to be sent: it was refused, and waits for its turn."""
        return self.refusals is not None and not self.refusals.now_alone


def next_step(fault: Fault, history: History, rules: Rules, *, own: bool, takes_left: int = 0) -> Step:
    """What to do with a sample whose newest fault, already in its history, is `fault`.

    `own`: the faults that came since the last answer are those of one or two samples, and so their own. `takes_left`:
    how many more answers its step may have asked for, when it was asked this.
    """
    match fault.action:
        case Action.STOP:
            return Step.STOP
        case Action.PAUSE:
            refusals = history.refusals
            if refusals is None or not refusals.now_alone:
                return Step.AGAIN
            # Once refused alone, it makes room for others: their answers tell whether this is a storm.
            return Step.GIVE_UP if refusals.hopeless else Step.WAIT
        case Action.DEAD:
            again = fault.billing is Billing.YES and history.rejected <= max(rules.max_reasks, takes_left)
            return Step.AGAIN if again else Step.CONDEMN
        case Action.RETRY:
            return _after_trouble(fault, history, rules, own=own)


def _after_trouble(fault: Fault, history: History, rules: Rules, *, own: bool) -> Step:
    tries = history.tries if own else history.proved
    if sum(tries.values()) >= rules.max_attempts:
        return Step.GIVE_UP
    if fault.max_tries is None:
        return Step.RETRY
    if tries.get(fault.reason, 0) >= fault.max_tries:
        return Step.GIVE_UP
    if trouble_of(fault) is not Trouble.AWAY:
        return Step.RETRY
    # Each try may be paid for, so the next one waits for a sign that it can succeed.
    return Step.WAIT if history.tries[fault.reason] < fault.max_tries else Step.PARK


def is_buried(fault: Fault, *, complete: bool, stopped_for: str | None) -> bool:
    """Whether a condemned sample becomes a dead letter at the end of the run although nothing good came after it.

    `complete`: everything else has its end. `stopped_for`: the reason of the faults that stopped the run, if they did;
    the samples that showed them are not dead. Else what was paid for is, so that nobody pays for it again.
    """
    return complete or (fault.billing is Billing.YES and fault.reason != stopped_for)


def named(fault: Fault, history: History) -> Fault:
    """The fault as a dead letter tells it: of one refused for its rate, why waiting would be of no use."""
    if fault.action is not Action.PAUSE or history.refusals is None:
        return fault
    return replace(fault, message=f"{history.refusals.words}; {fault.message}")


def _with(counts: Mapping[str, int], reason: str) -> Mapping[str, int]:
    return {**counts, reason: counts.get(reason, 0) + 1}
