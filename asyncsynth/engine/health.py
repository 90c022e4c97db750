"""What the outcomes of a run say of its endpoint, and no single sample can see. Synchronous, no clock.

A fault is its sample's own, or the endpoint's: the endpoint's, where so many of a kind came one after the other that
it can't be luck (engine/silence keeps them until an answer disproves them). Then the run is in doubt: only single
probes are sent, and the calls still under way are waited for, since quick refusals win every race against slow answers.
If none of those is answered either, the run stops: at once where every request is refused or every reply is of no use,
and after a while where the trouble may pass.
"""

from __future__ import annotations

import math
from collections import Counter
from enum import Enum, auto

from asyncsynth.engine.silence import Noted, Silence
from asyncsynth.text import count
from asyncsynth.values import Action, Billing, Fault

FIRST_ALIKE = 5  # faults of a kind, where nothing has been answered yet
FIRST_PAGES = 2  # the same for pages of HTML: whatever sends them is no model
PASSING_ALIKE = 5  # faults that may pass, later in the run: then probes go first ...
PASSING_LUCK = 1e-3  # ... unless so many are not unlikely, going by their share until now
USELESS_ALIKE = 10  # the same for refused requests and useless replies
USELESS_LUCK = 1e-7
HOPE = 4  # answers that are taken for granted before there are any: most requests are good ones
PASSING_S = 120.0  # most outages are over by then
FAILING_S = 300.0  # a service that has answered, and now fails
OUTAGE_S = 3600.0  # an endpoint that has answered, and now can't be reached or is overloaded; a person should know
AGAIN_S = 60.0  # before that, nobody pays a second time to see whether a silence is over
FEW_SAMPLES = 3  # the faults of fewer than that may be their own, however many these are
TRY_S = 0.5  # connection failures closer together are one try to reach the endpoint
ODD_STATUSES = frozenset({401, 403, 404})  # after answers, something in between may have sent this once


class Trouble(Enum):
    """What a fault may mean for the whole run."""

    BUSY = auto()  # 429, 503: the endpoint's own word that it takes no more; the gate waits
    AWAY = auto()  # nobody spoke, or only a gateway in front
    FAILING = auto()  # the service itself is out of order
    USELESS = auto()  # the request was refused, or the reply is of no use
    STOP = auto()  # no other request would fare better


def trouble_of(fault: Fault) -> Trouble:
    """What this fault may mean for the run."""
    if fault.action is Action.STOP:
        return Trouble.STOP
    if fault.action is Action.PAUSE or fault.overload:
        return Trouble.BUSY
    if fault.action is Action.DEAD or fault.unusable or fault.page:
        return Trouble.USELESS
    return Trouble.FAILING if fault.answered else Trouble.AWAY


class Health:
    """Of one run. Calls have numbers that grow with the time of sending; `at` is in seconds of any steady clock."""

    def __init__(self, max_attempts: int) -> None:
        self.answers = 0
        self.repeated = 0  # refusals for their rate but the first, of samples that were answered later
        self.most_tokens = 0  # of a call that was answered, at least
        self.newest_answered = 0  # the last sent of the calls that were answered
        self._max_attempts = max_attempts
        self._under_way: set[int] = set()
        self._last_sent = 0
        self._silence = Silence()
        self._before: Counter[str] = Counter()  # faults by kind that an answer disproved
        self._hopeful: set[int] | None = None  # the calls that the doubt waits for; None: no doubt
        self._odd_until = 0  # the last call sent before the run was stopped oddly; 0: it was not
        self._last_try_at = -math.inf
        self._tries = 0

    def on_send(self, number: int) -> None:
        """A call is under way."""
        self._under_way.add(number)
        self._last_sent = number

    def on_answer(self, number: int, least_tokens: int) -> bool:
        """A call was answered; whether that was amid a doubt, which it may have ended."""
        self._under_way.discard(number)
        self.answers += 1
        if number > self.newest_answered:
            self.newest_answered = number
        if least_tokens > self.most_tokens:
            self.most_tokens = least_tokens
        if not self._silence.faults:
            return False
        was_doubtful = self.doubtful
        self._before.update(self._silence.break_at(number))
        self._doubt_less(number)
        return was_doubtful

    def on_fault(self, number: int, key: str, fault: Fault, at: float, *, cost: int = 0) -> None:
        """A call for the sample of this key failed, and cost or may have cost so much."""
        self._under_way.discard(number)
        if self._hopeful is not None:
            self._hopeful.discard(number)
        perhaps = cost if fault.billing is Billing.MAYBE else 0
        self._silence.add(Noted(number, fault, _kind(fault), key, at, perhaps))
        if not fault.reached and at - self._last_try_at >= TRY_S:  # workers that knock together make one try
            self._last_try_at = at
            self._tries += 1
        if not self._odd_until and self._is_odd(fault):
            self._odd_until = self._last_sent
        if self._hopeful is None and (self._odd_until or self._beyond_luck(fault)):
            self._hopeful = set(self._under_way)

    @property
    def doubtful(self) -> bool:
        """Whether only single probes should be sent, until something is answered."""
        return self._hopeful is not None

    def seconds_to_wait(self, fault: Fault, number: int, at: float) -> float:
        """How long a sample should wait that was put aside for this fault of this call, and is tried again."""
        since = self._silence.since(_kind(fault))
        if since is None or self.newest_answered > number:
            return 0.0
        return max(since + AGAIN_S - at, 0.0)

    def tries_again(self, number: int, fault: Fault) -> bool:
        """Whether this fault, already noted, stops runs, but comes so oddly after answers that it is tried again."""
        return number <= self._odd_until and self._is_odd(fault)

    def is_the_samples_own(self, fault: Fault, at: float) -> bool:
        """Whether these faults are those of one or two samples, as far as one can see where no others are left."""
        if not self.answers or not fault.reached or self._silence.samples >= FEW_SAMPLES:
            return False
        match trouble_of(fault):
            case Trouble.BUSY:
                return False  # the endpoint says that it is its own
            case Trouble.USELESS:
                return True
        return self._alike_for(fault, at) >= PASSING_S

    def why_stop(self, fault: Fault, at: float) -> str | None:
        """The words to stop the run with after this fault, already noted; None: go on."""
        trouble = trouble_of(fault)
        if trouble is Trouble.STOP:
            return fault.message
        if not fault.reached and not self.answers and self._tries >= self._max_attempts:
            asked = "the proxy" if fault.reason == "proxy_unreachable" else "endpoint.base_url"
            tries = "at the only try" if self._max_attempts == 1 else f"{self._max_attempts:,} tries running"
            return f"{fault.message}, {tries}: is {asked} right?"
        if trouble is Trouble.BUSY:
            return self._busy_too_long(fault, at)
        if self._hopeful is None or self._hopeful:
            return None
        return self._all_useless(fault) if trouble is Trouble.USELESS else self._gone(fault, at)

    def last_hope_gone(self, at: float) -> tuple[str, Fault] | None:
        """After an answer that did not end the doubt: the words to stop with, and the fault; None: go on."""
        lasting = (
            fault for fault in self._silence.newest if trouble_of(fault) is not Trouble.STOP
        )  # the odd: tried again
        words = ((self.why_stop(fault, at), fault) for fault in lasting)
        return next(((why, fault) for why, fault in words if why is not None), None)

    def why_no_money(self, reserve: int) -> str | None:
        """The words to stop the run with where the cap has no room for this reserve; None: answers filled it.

        It is the endpoint where calls since the last answer, which may have been billed, took the room of several.
        """
        fault = self._silence.newest_perhaps
        if fault is None or self._silence.perhaps < 2 * reserve:
            return None
        return f"nothing is answered, and limits.max_cost_usd has no room for more calls like these: {fault.message}"

    def _busy_too_long(self, fault: Fault, at: float) -> str | None:
        why = self._too_long(fault, at, OUTAGE_S)
        if why is None or fault.action is not Action.PAUSE or self._silence.samples >= FEW_SAMPLES:
            return why
        return f"{why}; only {count(self._silence.samples, 'sample')} asked, perhaps too large for the endpoint's limit"

    def _all_useless(self, fault: Fault) -> str | None:
        few = self.answers and self._silence.samples < FEW_SAMPLES
        if few or not self._beyond_luck(fault):
            return None
        times = self._silence.times(_kind(fault))
        if fault.page:
            return f"{fault.message}, {times} times running: is endpoint.base_url right?"
        which, how = "last" if self.answers else "first", "were all refused" if fault.refused else "all failed"
        return f"the {which} {times} calls {how} alike, and none was answered: {fault.message}"

    def _gone(self, fault: Fault, at: float) -> str | None:
        if self._silence.times(_kind(fault)) < FIRST_ALIKE:
            return None
        if not self.answers:
            return self._too_long(fault, at, PASSING_S)
        return self._too_long(fault, at, FAILING_S if trouble_of(fault) is Trouble.FAILING else OUTAGE_S)

    def _too_long(self, fault: Fault, at: float, patience_s: float) -> str | None:
        alike_for = self._alike_for(fault, at)
        return None if alike_for < patience_s else f"no answer for {_minutes(alike_for)}: {fault.message}"

    def _alike_for(self, fault: Fault, at: float) -> float:
        since = self._silence.since(_kind(fault))
        return 0.0 if since is None else at - since

    def _doubt_less(self, answered: int) -> None:
        """This call was answered: is there still reason to doubt?"""
        left = self._silence.newest
        if not any(_kind(fault) == _ODD for fault in left):
            self._odd_until = 0
        if self._hopeful is not None:
            self._hopeful.discard(answered)
            if not self._odd_until and not any(self._beyond_luck(fault) for fault in left):
                self._hopeful = None

    def _beyond_luck(self, fault: Fault) -> bool:
        """Whether so many faults of this kind came that it is the endpoint's fault.

        Calls under way that were sent meanwhile may be the good ones: they explain as many faults as usually come with
        so many answers.
        """
        trouble, kind = trouble_of(fault), _kind(fault)
        if trouble is Trouble.BUSY or (not fault.reached and not self.answers):
            return False  # the gate waits; whether anybody is there is told by the tries
        bad, good = self._before[kind] + 1, self.answers + HOPE
        meanwhile = self._silence.sent_meanwhile(self._under_way, kind)
        unexplained = self._silence.times(kind) - meanwhile * bad / good
        if not self.answers:
            return unexplained >= (FIRST_PAGES if fault.page else FIRST_ALIKE)
        useless = trouble is Trouble.USELESS
        enough, luck = (USELESS_ALIKE, USELESS_LUCK) if useless else (PASSING_ALIKE, PASSING_LUCK)
        return unexplained >= enough and _chance(unexplained, bad, good) <= luck

    def _is_odd(self, fault: Fault) -> bool:
        return fault.action is Action.STOP and fault.status in ODD_STATUSES and self.answers > 0


_BUSY, _OUTAGE, _ODD = "busy", "outage", "odd"


def _kind(fault: Fault) -> str:
    """Useless replies are alike by their reason; an outage shows in many ways."""
    match trouble_of(fault):
        case Trouble.USELESS:
            return fault.reason
        case Trouble.BUSY:
            return _BUSY
        case Trouble.STOP:
            return _ODD
    return _OUTAGE


def _chance(times: float, bad: int, good: int) -> float:
    """How likely so many bad ones come one after the other, where there were so many bad and good ones before."""
    lgamma = math.lgamma
    return math.exp(lgamma(bad + times) - lgamma(bad) + lgamma(bad + good) - lgamma(bad + good + times))


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
