"""What follows from a fault: for its sample (next_step) and for the whole run (Health). Synchronous, no clock.

CONTRIBUTING.md has the rules in words; the table in provider/faults.py says what a fault is.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from asyncsynth.values import Action, Billing, Fault, Permit

SAME_REFUSALS_THAT_STOP = 5  # the first samples of a run, all refused for the same reason
REFUSED_ALONE = 3  # times that a sample was refused although no limit can have been used up
REFUSED_ALONE_FOR_LONG = 20  # the same, where nobody is left whose answers could come between
BAD_LUCK = 1e-9  # less likely than this is no luck: then a sample's 429s are its own, not those of a storm
PAGES_THAT_STOP = 2  # of HTML running, where nothing has answered yet
PAGES_AFTER_ANSWERS = 10  # once it has answered, a few are a passing fault of something in between
TRY_SECONDS = 0.5  # connection failures closer together are one try to reach the endpoint
OVERLOAD_SECONDS = 3600.0  # of nothing but 429s and overload, after which a person should know
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
    reasons: dict[str, int] = field(default_factory=dict)
    refusals: Refusals | None = None  # for its rate; None: never

    def add(self, fault: Fault, permit: Permit, health: Health) -> None:
        """Note the fault that a call of `permit` brought."""
        self.reasons[fault.reason] = self.reasons.get(fault.reason, 0) + 1
        self.counted += fault.counts
        if fault.action is Action.PAUSE:
            if self.refusals is None:
                self.refusals = Refusals(health.answers, health.refusals)
            self.refusals.add(fault, permit, health)

    @property
    def goes_first(self) -> bool:
        """Whether this sample's next call is the first to be sent: it was refused, and waits for its turn."""
        return self.refusals is not None and not self.refusals.now_alone


@dataclass(slots=True)
class Refusals:
    """The 429s of one sample, and whether they say that it asks for more than the limit ever gives.

    A refused sample is the first to be sent again, until it is answered or was refused alone: after a minute in which
    nothing else was counted. A storm refuses it alone, too; so it counts only where others were answered since the
    last time, and where a sample that is refused as often as the others would hardly ever be refused that often.
    """

    answers_before: int  # of the whole run, when this sample was first refused
    refusals_before: int
    times: int = 0
    alone: int = 0
    now_alone: bool = False  # the newest one
    between: int = 0  # times alone, with an answer to another sample since the time before
    luck: float = 1.0  # the chance of so many refusals, for a sample like the others of this run
    tokens: int = 0  # of the newest call, at least
    limit: int | None = None  # by the provider's headers, where no larger call's answer has belied it
    _answers_then: int = -1

    def add(self, fault: Fault, permit: Permit, health: Health) -> None:
        """One more; `health` knows of it not yet."""
        others_refused = max(health.refusals - self.refusals_before - self.times, 0)
        others_answered = health.answers - self.answers_before
        self.times += 1
        self.luck = ((others_refused + 1) / (others_refused + others_answered + 1)) ** self.times
        self.tokens = permit.need.least_tokens
        self.limit = fault.hints.limit_tokens if fault.hints is not None else None
        if self.limit is not None and self.limit < health.most_tokens:
            self.limit = None
        self.now_alone = permit.alone
        if permit.alone:
            self.alone += 1
            self.between += health.answers > self._answers_then
            self._answers_then = health.answers

    @property
    def above_limit(self) -> bool:
        return self.limit is not None and self.limit < self.tokens

    @property
    def hopeless(self) -> bool:
        """Whether waiting longer is of no use."""
        if self.above_limit and self.alone >= REFUSED_ALONE:
            return True
        often = self.between >= REFUSED_ALONE or self.alone >= REFUSED_ALONE_FOR_LONG
        return often and self.luck <= BAD_LUCK


def named(fault: Fault, history: History) -> Fault:
    """The fault as a dead letter tells it: of one refused for its rate, why waiting would be of no use."""
    refusals = history.refusals
    if fault.action is not Action.PAUSE or refusals is None:
        return fault
    why = f"refused {refusals.times} times, {refusals.alone} of them after a minute in which nothing else was sent"
    if refusals.above_limit:
        why = f"it has at least {refusals.tokens:,} tokens, above the limit of {refusals.limit:,} a minute; {why}"
    return replace(fault, message=f"too large for the endpoint's limit: {why}; {fault.message}")


def next_step(fault: Fault, history: History, rules: Rules) -> Step:
    """What to do with a sample whose newest fault, already in its history, is `fault`."""
    match fault.action:
        case Action.STOP:
            return Step.STOP
        case Action.PAUSE:
            refusals = history.refusals
            if refusals is None or not refusals.now_alone:
                return Step.AGAIN
            # Once refused alone, it makes room for a while: answers to others tell whether this is a storm.
            return Step.GIVE_UP if refusals.hopeless else Step.RETRY
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
        self.answers = 0
        self.refusals = 0  # for their rate
        self.most_tokens = 0  # of a call that was answered, at least
        self._refused: Counter[str] = Counter()
        self._html_running = 0
        self._unreachable_since: float | None = None
        self._overloaded_since: float | None = None
        self._last_try_at = -math.inf
        self._tries = 0

    def on_answer(self, least_tokens: int) -> None:
        self.answers += 1
        self.most_tokens = max(self.most_tokens, least_tokens)
        self._html_running = 0
        self._unreachable_since = None
        self._overloaded_since = None

    def why_stop(self, fault: Fault, at: float) -> str | None:
        """The message to stop the run with after this fault, or None to go on; `at` in seconds since the epoch."""
        if fault.action is Action.STOP:
            return fault.message
        self.refusals += fault.action is Action.PAUSE
        return self._only_pages(fault) or self._only_overload(fault, at) or self._never_answered(fault, at)

    def _only_pages(self, fault: Fault) -> str | None:
        self._html_running = self._html_running + 1 if fault.page else 0
        if self._html_running < (PAGES_AFTER_ANSWERS if self.answers else PAGES_THAT_STOP):
            return None
        return f"{fault.message}, {self._html_running} times running: is endpoint.base_url right?"

    def _only_overload(self, fault: Fault, at: float) -> str | None:
        if not fault.overload and fault.action is not Action.PAUSE:
            return None
        if self._overloaded_for(at) < OVERLOAD_SECONDS:
            return None
        return f"no answer for {OVERLOAD_SECONDS / 60:.0f} minutes: {fault.message}"

    def _never_answered(self, fault: Fault, at: float) -> str | None:
        if self.answers:
            return None
        if not fault.reached and self._tries_to_reach(at) >= self._rules.max_attempts:
            return f"{fault.message}, {self._rules.max_attempts} tries running: is endpoint.base_url right?"
        if fault.action is Action.DEAD and fault.refused:
            self._refused[fault.reason] += 1
            if self._refused[fault.reason] >= SAME_REFUSALS_THAT_STOP:
                return f"the first {SAME_REFUSALS_THAT_STOP} samples were all refused alike: {fault.message}"
        return None

    def _overloaded_for(self, at: float) -> float:
        if self._overloaded_since is None:
            self._overloaded_since = at
        return at - self._overloaded_since

    def _tries_to_reach(self, at: float) -> int:
        # Workers that knock at the same moment make one try.
        if at - self._last_try_at >= TRY_SECONDS:
            self._last_try_at = at
            self._tries += 1
        return self._tries

    def outage(self, fault: Fault, at: float) -> bool:
        """Whether nothing but connection failures came for OUTAGE_SECONDS (then everyone should wait)."""
        if fault.reached:
            self._unreachable_since = None
            return False
        if self._unreachable_since is None:
            self._unreachable_since = at
        return at - self._unreachable_since >= OUTAGE_SECONDS
