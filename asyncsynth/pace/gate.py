"""The gate before every send: requests, tokens, money and a slot are taken together, in order, or not at all.

No task and no lock: a synchronous _dispatch() gives out permits, called by whoever changes something and by one timer.
Who comes first is served first, but for the bounded look-ahead of pace/line.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from functools import partial

from asyncsynth.config import Limits
from asyncsynth.errors import SpendCapReached
from asyncsynth.pace.auto.adaptive import AdaptiveConcurrency
from asyncsynth.pace.breaker import Breaker
from asyncsynth.pace.concurrency import Concurrency, FixedConcurrency
from asyncsynth.pace.line import Line, Waiter
from asyncsynth.pace.permit import GateClosed, Need, Permit
from asyncsynth.pace.requests import RequestLimit
from asyncsynth.pace.spend import SpendCap
from asyncsynth.pace.throttle import Throttle
from asyncsynth.pace.tokens import TokenLimit
from asyncsynth.values import PICODOLLARS_PER_USD, Action, Billing, Fault, RateHints, Usage, usd

__all__ = ["Gate", "GateClosed", "Need", "Permit"]

PAUSE_AFTER_429_S = 1.0  # where the provider names no time
QUIET_S = 60.5  # without a call that counted: every window of a minute is empty; see pace/tokens
_ROUNDING_S = 1e-6


class Gate:
    """Gives out permits. To be made and used inside one running loop, whose clock it lives by."""

    def __init__(
        self,
        concurrency: Concurrency,
        *,
        requests: RequestLimit | None = None,
        tokens: TokenLimit | None = None,
        cap: SpendCap | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.time
        self.concurrency = concurrency
        self.requests = requests
        self.tokens = tokens
        self.cap = cap or SpendCap(None)
        self.throttle = Throttle()
        self.breaker = Breaker()
        self.in_flight = 0
        self.pause_reason = ""
        self._counted_at = self._clock()  # when the last call was sent that the provider may have counted
        self._paused_until = -math.inf
        self._line = Line()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    @classmethod
    def from_limits(cls, limits: Limits, *, spent: int = 0, history: Iterable[tuple[float, int]] = ()) -> Gate:
        """The gate that `[limits]` describes.

        `spent`: picodollars of all earlier runs that count against the cap. `history`: (seconds ago, tokens) of the
        calls that earlier runs sent within the last minute or more.
        """
        now = asyncio.get_running_loop().time()
        sent = sorted((now - max(age, 0.0), tokens) for age, tokens in history)
        requests = limits.requests_per_minute
        tokens = limits.tokens_per_minute
        most = limits.max_cost_usd
        return cls(
            AdaptiveConcurrency() if limits.concurrency == "auto" else FixedConcurrency(limits.concurrency),
            requests=None if requests is None else RequestLimit(requests, now, [at for at, _ in sent]),
            tokens=None if tokens is None else TokenLimit(tokens, now, sent),
            cap=SpendCap(None if most is None else round(most * PICODOLLARS_PER_USD), spent),
        )

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def paused_for(self) -> float:
        """Seconds until anybody may send; 0: no pause. `pause_reason` says why."""
        return max(self._paused_until - self._clock(), 0.0)

    async def admit(self, need: Need, *, first: bool = False) -> Permit:
        """Wait for a permit; returns without suspending where nothing is in the way. `first`: at the line's head.

        Raises SpendCapReached when the worst case doesn't fit and no call in flight can make it fit; GateClosed.
        """
        if self._stopped:
            raise GateClosed
        if not self._line:
            now = self._clock()
            if self._wait_of_all(now) == 0.0 and self._wait_of(now, need) == 0.0:
                return self._take(need, now)
        waiter = Waiter(need, self._loop.create_future())
        if first:
            self._line.push_first(waiter)
        else:
            self._line.append(waiter)
        self._dispatch()
        try:
            return await waiter.permit
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise

    def settle(self, permit: Permit, usage: Usage, cost: int | None, *, latency_s: float) -> None:
        """The call was answered: its reservations become what it really took. `cost` None: unknown."""
        now = self._clock()
        self._close(permit)
        self.cap.settle(permit.need.worst_cost, cost)
        self._correct_tokens(permit, usage)
        self._counted_at = max(self._counted_at, permit.sent_at)
        self.throttle.answers += 1
        if self.breaker.on_answer(probe=permit.probe, now=now):
            self.throttle.hold(now, until=now)
        self.concurrency.on_answer(latency_s, self.in_flight + 1, now)
        if self._line:
            self._dispatch()

    def settle_fault(self, permit: Permit, fault: Fault, cost: int | None) -> None:
        """The call failed. `cost`: 0 not billed, None perhaps billed (the worst case stays), else what it cost."""
        now = self._clock()
        self._close(permit)
        self.cap.settle(permit.need.worst_cost, cost)
        if fault.usage is not None:
            self._correct_tokens(permit, fault.usage)
        limited = fault.action is Action.PAUSE
        if not limited:
            self._counted_at = max(self._counted_at, permit.sent_at)
        if limited or fault.overload:
            self._on_overload(permit, fault, limited=limited, now=now)
        elif fault.billing is Billing.YES:
            self.breaker.on_answer(probe=permit.probe, now=now)
        else:
            self.breaker.on_nothing(probe=permit.probe)
        if self._line:
            self._dispatch()

    def release(self, permit: Permit) -> None:
        """The call was never sent: everything but its place in the rate of requests is given back."""
        self._close(permit)
        self.cap.settle(permit.need.worst_cost, 0)
        if permit.entry is not None and self.tokens is not None:
            self.tokens.correct(permit.entry, -permit.need.tokens)
        self.breaker.on_nothing(probe=permit.probe)
        if self._line:
            self._dispatch()

    def observe(self, hints: RateHints) -> None:
        """Take the provider's headers as a ceiling."""
        now = self._clock()
        if self.requests is not None:
            self.requests.observe(hints.limit_requests, hints.remaining_requests, now)
        if self.tokens is not None:
            self.tokens.observe(hints.limit_tokens, hints.remaining_tokens, now)

    def pause(self, seconds: float, reason: str) -> None:
        """Nobody is admitted for so long; of several pauses the latest end wins."""
        until = self._clock() + seconds
        if until > self._paused_until:
            self._paused_until = until
            self.pause_reason = reason
            if not self.breaker.is_open:
                self.throttle.hold(self._clock(), until=until)

    def stop(self) -> None:
        """Everybody who waits, and whoever comes later, gets GateClosed; permits given out stay good."""
        self._stopped = True
        self._set_timer(math.inf)
        while self._line:
            permit = self._line.pop_first().permit
            if not permit.done():
                permit.set_exception(GateClosed())

    def _on_overload(self, permit: Permit, fault: Fault, *, limited: bool, now: float) -> None:
        was_open = self.breaker.is_open
        self.breaker.on_overload(probe=permit.probe, limited=limited, now=now)
        # Probes of an open breaker are a measure of the storm, not of our rate: they don't cut.
        if limited and not was_open and self.throttle.on_limited(permit.generation, now):
            self.concurrency.on_overload()
        if fault.retry_after_s is not None or (limited and not was_open):
            self.pause(PAUSE_AFTER_429_S if fault.retry_after_s is None else fault.retry_after_s, fault.message)
        if self.breaker.is_open:
            self.throttle.hold(now, until=math.inf)

    def _wait_of_all(self, now: float) -> float:
        """Seconds until anybody may be admitted, whatever they need; inf: when something else happens."""
        slots = self._slots(now)
        if self.in_flight >= slots:
            return math.inf if slots == self.concurrency.limit else self.throttle.time_to_next_step(now)
        wait = max(self._paused_until - now, 0.0)
        if self.breaker.is_open:
            wait = max(wait, self._wait_of_breaker(now))
        if self.requests is not None:
            if self.throttle.ever_cut:
                self.requests.scale(self.throttle.factor(now), now)
            wait = max(wait, self.requests.wait(now))
        return wait

    def _wait_of_breaker(self, now: float) -> float:
        wait = self.breaker.wait(now)
        if not self.breaker.is_open:  # its probe was not refused for long enough
            self.throttle.hold(now, until=now)
        return math.inf if wait is None else wait

    def _slots(self, now: float) -> int:
        """Calls that may be in flight: without a rate of requests to cut, a 429 cuts this."""
        limit = self.concurrency.limit
        if self.throttle.ever_cut and self.requests is None and not self.concurrency.adapts:
            return max(int(limit * self.throttle.factor(now)), 1)
        return limit

    def _wait_of(self, now: float, need: Need) -> float:
        """Seconds until there are tokens and money for this need; inf: when something else happens."""
        if not self.cap.fits(need.worst_cost):
            return math.inf
        return 0.0 if self.tokens is None else self.tokens.wait(need.tokens, now)

    def _take(self, need: Need, now: float) -> Permit:
        self.in_flight += 1
        self.concurrency.on_send(now)
        self.cap.reserve(need.worst_cost)
        if self.requests is not None:
            self.requests.take(now)
        entry = None if self.tokens is None else self.tokens.take(need.tokens, now)
        probe = self.breaker.is_open and self.breaker.on_send(now)
        alone = now - self._counted_at >= QUIET_S
        if not probe:
            self._counted_at = now
        return Permit(need, now, self.throttle.generation, probe, entry, alone)

    def _dispatch(self) -> None:
        """Serve the line until something is in the way, and set the timer for when it is gone."""
        wait = math.inf
        while self._line:
            now = self._clock()
            self._refuse_what_no_money_can_reach()
            wait = self._wait_of_all(now)
            if wait > 0.0:
                break
            waiter, wait = self._line.pick(partial(self._wait_of, now))
            if waiter is None:
                break
            if not waiter.permit.done():  # cancelled, and its task hasn't run yet
                waiter.permit.set_result(self._take(waiter.need, now))
        self._set_timer(wait if self._line else math.inf)

    def _refuse_what_no_money_can_reach(self) -> None:
        while self._line:
            worst = self._line.first.need.worst_cost
            if worst is None or self.cap.fits(worst) or self.cap.may_fit_later(worst):
                return
            permit = self._line.pop_first().permit
            if not permit.done():
                permit.set_exception(_cap_reached(self.cap, worst))

    def _set_timer(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds < math.inf:
            self._timer = self._loop.call_later(max(seconds, _ROUNDING_S), self._dispatch)

    def _abandon(self, waiter: Waiter) -> None:
        """The task of this waiter was cancelled; a permit that came at the same moment goes back."""
        if waiter.permit.done() and not waiter.permit.cancelled() and waiter.permit.exception() is None:
            self.release(waiter.permit.result())
        elif self._line.remove(waiter):
            self._dispatch()

    def _close(self, permit: Permit) -> None:
        assert permit.open, "a permit is settled or released once"
        permit.open = False
        self.in_flight -= 1
        self.concurrency.on_end(permit.sent_at)

    def _correct_tokens(self, permit: Permit, usage: Usage) -> None:
        """Count what the provider counted: the true prompt, and max_tokens where that was known at arrival."""
        if permit.entry is not None and self.tokens is not None:
            need = permit.need
            completion = usage.completion_tokens if need.max_tokens is None else need.max_tokens
            self.tokens.correct(permit.entry, usage.prompt_tokens + completion - need.tokens)


def _cap_reached(cap: SpendCap, worst: int) -> SpendCapReached:
    assert cap.limit is not None
    return SpendCapReached(
        f"the next call can cost {usd(worst):.6f} USD, and {usd(cap.spent):.6f} of {usd(cap.limit):.6f} USD are spent",
        hint="raise limits.max_cost_usd and run again: nothing is paid twice",
    )
