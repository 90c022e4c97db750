"""What may be sent to an endpoint now: requests, tokens, money and slots. Synchronous; `now` is the loop's clock.

Queries tell how long to wait, commands tell what happened. The gate asks and tells, and does the waiting.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Self

from asyncsynth.config import Limits
from asyncsynth.pace.breaker import Breaker, Cause
from asyncsynth.pace.concurrency import Concurrency, FixedConcurrency
from asyncsynth.pace.sliding_log import Entry
from asyncsynth.pace.spend import SpendCap
from asyncsynth.pace.throttle import Throttle
from asyncsynth.pace.tokens import TokenLimit
from asyncsynth.values import Action, Billing, Fault, Need, Permit, RateHints, Usage

if TYPE_CHECKING:
    from asyncsynth.pace.requests import RequestLimit

PAUSE_AFTER_429_S = 1.0  # where the provider names no time
QUIET_S = 60.5  # without a call that counted: every window of a minute is empty; see pace/tokens


class Allowance:
    """The limits of one endpoint and the books of its calls under way; `cap` is that of the whole run."""

    def __init__(
        self,
        concurrency: Concurrency,
        requests: RequestLimit | None,
        tokens: TokenLimit | None,
        cap: SpendCap,
        now: float,
    ) -> None:
        self.concurrency = concurrency
        self.requests = requests
        self.tokens = tokens
        self.cap = cap
        self.throttle = Throttle()
        self.breaker = Breaker()
        self.paused_until = -math.inf
        self.reason = ""  # of the pause, or why only probes are sent
        self._under_way: dict[int, Entry | None] = {}  # number of a permit -> its entry in the log of tokens
        self._sent = 0  # the number of the last one
        self._sent_before_cut = 0  # when the rate was last cut
        self._counted_at = now  # when the last call was sent that the provider may have counted

    @classmethod
    def of(cls, limits: Limits, cap: SpendCap, now: float, history: Iterable[tuple[float, int]] = ()) -> Self:
        """The allowance that these limits describe.

        `history`: (seconds ago, tokens) of the calls that earlier runs sent within the last minute or more.
        """
        sent = sorted((now - max(age, 0.0), tokens) for age, tokens in history)
        requests, tokens = limits.requests_per_minute, limits.tokens_per_minute
        return cls(
            _adaptive() if limits.concurrency == "auto" else FixedConcurrency(limits.concurrency),
            None if requests is None else _request_limit(requests, now, [at for at, _ in sent]),
            None if tokens is None else TokenLimit(tokens, now, sent),
            cap,
            now,
        )

    @property
    def in_flight(self) -> int:
        return len(self._under_way)

    @property
    def busy(self) -> float:
        """The share of its slots in which a call is under way."""
        return len(self._under_way) / self.concurrency.limit

    def held_back_by(self, now: float) -> str:
        """Why nothing is sent, or only single probes; "": nothing is in the way."""
        return self.reason if now < self.paused_until or self.breaker.cause is not None else ""

    def wait_of_all(self, now: float) -> float:
        """Seconds until anybody may send, whatever they need; inf: when something else happens."""
        slots = self._slots(now) if self.throttle.cuts else self.concurrency.limit
        if len(self._under_way) >= slots:
            return math.inf if slots == self.concurrency.limit else self.throttle.time_to_next_step(now)
        wait = self.paused_until - now if self.paused_until > now else 0.0
        if self.breaker.cause is not None:
            wait = max(wait, self.breaker.wait(now))
        if self.requests is not None:
            wait = max(wait, self.requests.wait(now))
        return wait

    def wait_of(self, need: Need, now: float) -> float:
        """Seconds until there are tokens and money for this need; inf: when something else happens."""
        cap = self.cap
        if cap.limit is not None and not cap.fits(need.reserve):
            return math.inf
        return 0.0 if self.tokens is None else self.tokens.wait(need.tokens, now)

    def catch_up(self, now: float) -> None:
        """What time alone brings: a cut rate grows back, a breaker closes."""
        if self.throttle.cuts and self.requests is not None:
            self.requests.scale(self.throttle.factor(now), now)
        if self.breaker.cause is not None:
            self.breaker.catch_up(now)
            self._resume_if_closed(now)

    def take(self, need: Need, now: float, *, number: int, endpoint: int = 0) -> Permit:
        """Send a call with this number, higher than all before; the waits for it are over."""
        probe = self.breaker.cause is not None
        alone = now - self._counted_at >= QUIET_S
        if self.concurrency.adapts:
            self.concurrency.on_send(now)
        self.cap.reserve(need.reserve)
        if self.requests is not None:
            self.requests.take(now)
        self._sent = number
        self._under_way[number] = None if self.tokens is None else self.tokens.take(need.tokens, now)
        if probe:
            self.breaker.on_probe(now)
        else:
            self._counted_at = now
        return Permit(number, need, now, probe, alone, endpoint)

    def on_answer(self, permit: Permit, usage: Usage, cost: int | None, latency_s: float, now: float) -> None:
        """The call was answered. `cost` None: unknown."""
        in_flight, entry = len(self._under_way), self._end(permit)
        self.cap.settle(permit.need.reserve, cost)
        if entry is not None:
            self._correct_tokens(entry, permit.need, usage)
        if permit.sent_at > self._counted_at:
            self._counted_at = permit.sent_at
        self.throttle.answers += 1
        was_open = self.breaker.cause is not None
        self.breaker.on_answer(probe=permit.probe, now=now)
        if was_open:
            self._resume_if_closed(now)
        if self.concurrency.adapts:
            self.concurrency.on_answer(latency_s, in_flight, now)

    def on_fault(self, permit: Permit, fault: Fault, cost: int | None, now: float) -> None:
        """The call failed. `cost`: 0 not billed, None perhaps billed at its reserve, else what it cost or may have."""
        entry = self._end(permit)
        self.cap.settle(permit.need.reserve, cost, certain=fault.billing is not Billing.MAYBE)
        if entry is not None and fault.usage is not None:
            self._correct_tokens(entry, permit.need, fault.usage)
        if fault.action is Action.PAUSE:
            self._on_limited(permit, fault, now)
        else:
            self._counted_at = max(self._counted_at, permit.sent_at)
            self._on_failure(permit, fault, now)
        if self.breaker.cause is not None:
            self.throttle.hold(now, until=math.inf)

    def on_never_sent(self, permit: Permit) -> None:
        """Everything but the call's place in the rate of requests is given back."""
        entry = self._end(permit)
        self.cap.settle(permit.need.reserve, 0)
        if entry is not None and self.tokens is not None:
            self.tokens.correct(entry, -permit.need.tokens)
        self.breaker.on_nothing(probe=permit.probe)

    def observe(self, hints: RateHints, now: float) -> None:
        """Take the provider's headers as a ceiling."""
        if self.requests is not None:
            self.requests.observe(hints.limit_requests, hints.remaining_requests, now)
        if self.tokens is not None:
            self.tokens.observe(hints.limit_tokens, hints.remaining_tokens, now)

    def pause(self, until: float, reason: str, now: float) -> None:
        """Nobody sends until then; of several pauses the latest end wins."""
        if until > self.paused_until:
            self.paused_until = until
            self.reason = reason
            if self.breaker.cause is None:
                self.throttle.hold(now, until=until)

    def doubt(self, reason: str, now: float) -> None:
        """Only probes are sent."""
        self.reason = reason
        if self.breaker.cause is None:
            self.breaker.open(Cause.SILENT, now)
            self.throttle.hold(now, until=math.inf)

    def trust(self, now: float) -> None:
        """The doubt is over."""
        if self.breaker.cause is Cause.SILENT:
            self.breaker.close()
            self._resume_if_closed(now)

    def _on_limited(self, permit: Permit, fault: Fault, now: float) -> None:
        was_open = self.breaker.cause is not None
        self.breaker.on_failure(Cause.LIMITED, probe=permit.probe, now=now)
        # Probes of an open breaker are a measure of the storm, not of our rate: they don't cut.
        if not was_open and permit.number > self._sent_before_cut:
            self._sent_before_cut = self._sent
            self.throttle.cut(now)
            self.concurrency.on_overload()
        self._pause_for(fault, now, at_least=not was_open)

    def _on_failure(self, permit: Permit, fault: Fault, now: float) -> None:
        if fault.overload:
            self.breaker.on_failure(Cause.OVERLOADED, probe=permit.probe, now=now)
            self._pause_for(fault, now, at_least=False)
        elif fault.action is Action.DEAD:
            self.breaker.on_rejection(probe=permit.probe, now=now)
        else:
            self.breaker.on_failure(Cause.SILENT, probe=permit.probe, now=now)

    def _pause_for(self, fault: Fault, now: float, *, at_least: bool) -> None:
        if fault.retry_after_s is not None:
            self.pause(now + fault.retry_after_s, fault.message, now)
        elif at_least:
            self.pause(now + PAUSE_AFTER_429_S, fault.message, now)

    def _resume_if_closed(self, now: float) -> None:
        if self.breaker.cause is None:
            self.throttle.resume(now)

    def _slots(self, now: float) -> int:
        """Calls that may be in flight after cuts: without a rate of requests to cut, a 429 cuts this."""
        limit = self.concurrency.limit
        if self.requests is None and not self.concurrency.adapts:
            return max(int(limit * self.throttle.factor(now)), 1)
        return limit

    def _end(self, permit: Permit) -> Entry | None:
        assert permit.number in self._under_way, "a permit is settled or released once"
        if self.concurrency.adapts:
            self.concurrency.on_end(permit.sent_at)
        return self._under_way.pop(permit.number)

    def _correct_tokens(self, entry: Entry, need: Need, usage: Usage) -> None:
        """Count what the provider counted: the true prompt, and max_tokens where that was known at arrival."""
        assert self.tokens is not None
        completion = usage.completion_tokens if need.max_tokens is None else need.max_tokens
        self.tokens.correct(entry, usage.prompt_tokens + completion - need.tokens)


# Loaded only where the limits ask for them: a start waits for no more than it needs.


def _adaptive() -> Concurrency:
    from asyncsynth.pace.auto.adaptive import AdaptiveConcurrency  # noqa: PLC0415 - see above

    return AdaptiveConcurrency()


def _request_limit(per_minute: int, now: float, sent: Sequence[float]) -> RequestLimit:
    from asyncsynth.pace.requests import RequestLimit  # noqa: PLC0415 - see above

    return RequestLimit(per_minute, now, sent)
