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
REFUSALS_AMONG_ANSWERS = 20  # 429s of one sample, while at least as many others were answered; then it goes alone
REFUSALS_ALONE = 2  # with an answer to somebody else between them, so that it is no storm: it never fits
REFUSALS_ALONE_UNANSWERED = 15  # a quarter of an hour of nothing but this sample
SURELY_LARGER = 1.25  # by our estimates of their tokens, one sample than another
PAGES_THAT_STOP = 2  # of HTML running, where nothing has answered yet
PAGES_AFTER_ANSWERS = 10  # once it has answered, a few are a passing fault of something in between
TRY_SECONDS = 0.5  # connection failures closer together are one try to reach the endpoint
REFUSED_REQUESTS = (400, 413, 422)
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

    pauses: int = 0
    answers_before: int = 0  # of the whole run, when this sample was first refused for its rate
    answers_now: int = 0
    alone: int = 0  # refusals though nothing else had been sent for a minute
    too_large: bool = False  # for any minute of this provider

    @property
    def goes_alone(self) -> bool:
        """Whether the next attempt is to have a minute to itself.

        A storm refuses everybody. Who is refused again and again while others are answered asks for more than they
        leave; only an attempt alone can tell whether it asks for more than the limit ever gives.
        """
        return min(self.pauses, self.answers_now - self.answers_before) >= REFUSALS_AMONG_ANSWERS

    def add(self, fault: Fault, answers: int = 0, *, alone: bool = False, known_too_large: bool = False) -> None:
        """Note a fault; `answers` counts those of the whole run so far.

        `alone`: nothing else had been sent for a minute; `known_too_large`: a smaller sample was refused so.
        """
        self.reasons[fault.reason] = self.reasons.get(fault.reason, 0) + 1
        self.counted += fault.counts
        if fault.action is Action.PAUSE:
            self._add_refusal(answers, alone=alone, known_too_large=known_too_large)

    def _add_refusal(self, answers: int, *, alone: bool, known_too_large: bool) -> None:
        if self.pauses == 0:
            self.answers_before = answers
        others_answered = answers > self.answers_now
        self.pauses += 1
        self.answers_now = answers
        self.alone += alone
        enough = REFUSALS_ALONE if others_answered else REFUSALS_ALONE_UNANSWERED
        self.too_large = (alone and self.alone >= enough) or (known_too_large and self.goes_alone)


def next_step(fault: Fault, history: History, rules: Rules) -> Step:
    """What to do with a sample whose newest fault, already in its history, is `fault`."""
    match fault.action:
        case Action.STOP:
            return Step.STOP
        case Action.PAUSE:
            return Step.GIVE_UP if history.too_large else Step.AGAIN
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
        self._too_large = math.inf  # tokens of the smallest sample that was given up on as too large
        self._refused: Counter[str] = Counter()
        self._html_running = 0
        self._unreachable_since: float | None = None
        self._overloaded_since: float | None = None
        self._last_try_at = -math.inf
        self._tries = 0

    def on_answer(self) -> None:
        self.answers += 1
        self._html_running = 0
        self._unreachable_since = None
        self._overloaded_since = None

    def on_too_large(self, tokens: int) -> None:
        """A sample of so many tokens was refused though it was sent alone."""
        self._too_large = min(self._too_large, tokens)

    def is_too_large(self, tokens: int) -> bool:
        """Whether a surely smaller sample was refused though it was sent alone."""
        return tokens >= SURELY_LARGER * self._too_large

    def why_stop(self, fault: Fault, at: float) -> str | None:
        """The message to stop the run with after this fault, or None to go on; `at` in seconds since the epoch."""
        if fault.action is Action.STOP:
            return fault.message
        return self._only_pages(fault) or self._only_overload(fault, at) or self._never_answered(fault, at)

    def _only_pages(self, fault: Fault) -> str | None:
        self._html_running = self._html_running + 1 if fault.reason == "html" else 0
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
        if fault.reason == "unreachable" and self._tries_to_reach(at) >= self._rules.max_attempts:
            return f"{fault.message}, {self._rules.max_attempts} tries running: is endpoint.base_url right?"
        if fault.action is Action.DEAD and fault.status in REFUSED_REQUESTS:
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
        if fault.reason != "unreachable":
            self._unreachable_since = None
            return False
        if self._unreachable_since is None:
            self._unreachable_since = at
        return at - self._unreachable_since >= OUTAGE_SECONDS
