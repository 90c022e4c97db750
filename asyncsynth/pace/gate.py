"""The gate before every send: whoever wants to send waits here until the allowance has room, in order.

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
from asyncsynth.pace.allowance import Allowance
from asyncsynth.pace.auto.adaptive import AdaptiveConcurrency
from asyncsynth.pace.concurrency import Concurrency, FixedConcurrency
from asyncsynth.pace.line import Line, Waiter
from asyncsynth.pace.requests import RequestLimit
from asyncsynth.pace.spend import SpendCap
from asyncsynth.pace.tokens import TokenLimit
from asyncsynth.values import PICODOLLARS_PER_USD, Fault, Need, Permit, RateHints, Usage, usd

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
        self.allowance = Allowance(concurrency, requests, tokens, cap or SpendCap(None), self._clock())
        self._line = Line()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    @classmethod
    def from_limits(
        cls, limits: Limits, *, billed: int = 0, possible: int = 0, history: Iterable[tuple[float, int]] = ()
    ) -> Gate:
        """The gate that `[limits]` describes.

        `billed` and `possible`: picodollars of all earlier runs that count against the cap. `history`: (seconds ago,
        tokens) of the calls that earlier runs sent within the last minute or more.
        """
        now = asyncio.get_running_loop().time()
        sent = sorted((now - max(age, 0.0), tokens) for age, tokens in history)
        requests = limits.requests_per_minute
        tokens = limits.tokens_per_minute
        most = None if limits.max_cost_usd is None else round(limits.max_cost_usd * PICODOLLARS_PER_USD)
        return cls(
            AdaptiveConcurrency() if limits.concurrency == "auto" else FixedConcurrency(limits.concurrency),
            requests=None if requests is None else RequestLimit(requests, now, [at for at, _ in sent]),
            tokens=None if tokens is None else TokenLimit(tokens, now, sent),
            cap=SpendCap(most, billed=billed, possible=possible),
        )

    @property
    def in_flight(self) -> int:
        return self.allowance.in_flight

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def paused_for(self) -> float:
        """Seconds until anybody may send; 0: no pause."""
        return max(self.allowance.paused_until - self._clock(), 0.0)

    @property
    def held_back_by(self) -> str:
        """Why nobody sends, or only single probes are sent; "": nothing is in the way."""
        return self.allowance.reason if self.paused_for > 0 or self.allowance.breaker.cause is not None else ""

    async def admit(self, need: Need, *, first: bool = False) -> Permit | None:
        """Wait for a permit; returns without suspending where nothing is in the way. `first`: at the line's head.

        None: the gate was stopped. Raises SpendCapReached when the reserve doesn't fit and no call in flight can
        make it fit.
        """
        if self._stopped:
            return None
        if not self._line.waiters:
            now, allowance = self._clock(), self.allowance
            allowance.catch_up(now)
            if allowance.wait_of_all(now) == 0.0 and allowance.wait_of(need, now) == 0.0:
                return allowance.take(need, now)
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
        """The call was answered: what was set aside becomes what it really took. `cost` None: unknown."""
        self.allowance.on_answer(permit, usage, cost, latency_s, self._clock())
        if self._line.waiters:
            self._dispatch()

    def settle_fault(self, permit: Permit, fault: Fault, cost: int | None) -> None:
        """The call failed. `cost`: 0 not billed, None perhaps billed at its reserve, else what it cost or may have."""
        self.allowance.on_fault(permit, fault, cost, self._clock())
        self._dispatch_line()

    def release(self, permit: Permit) -> None:
        """The call was never sent: everything but its place in the rate of requests is given back."""
        self.allowance.on_never_sent(permit)
        self._dispatch_line()

    def observe(self, hints: RateHints) -> None:
        """Take the provider's headers as a ceiling."""
        self.allowance.observe(hints, self._clock())

    def doubt(self, reason: str) -> None:
        """Nothing good comes: send only single probes."""
        self.allowance.doubt(reason, self._clock())
        self._dispatch_line()

    def trust(self) -> None:
        """Something good came: send again as before the doubt."""
        self.allowance.trust(self._clock())
        self._dispatch_line()

    def stop(self) -> None:
        """Everybody who waits, and whoever comes later, gets None; permits given out stay good."""
        self._stopped = True
        self._set_timer(math.inf)
        while self._line:
            permit = self._line.pop_first().permit
            if not permit.done():
                permit.set_result(None)

    def _dispatch_line(self) -> None:
        if self._line:
            self._dispatch()

    def _dispatch(self) -> None:
        """Serve the line until something is in the way, and set the timer for when it is gone."""
        wait, allowance = math.inf, self.allowance
        while self._line:
            now = self._clock()
            self._refuse_what_no_money_can_reach()
            allowance.catch_up(now)
            wait = allowance.wait_of_all(now)
            if wait > 0.0:
                break
            place, wait = self._line.first_that_fits(partial(allowance.wait_of, now=now))
            if place is None:
                break
            waiter = self._line.take(place)
            if not waiter.permit.done():  # cancelled, and its task hasn't run yet
                waiter.permit.set_result(allowance.take(waiter.need, now))
        self._set_timer(wait if self._line else math.inf)

    def _refuse_what_no_money_can_reach(self) -> None:
        cap = self.allowance.cap
        while self._line:
            reserve = self._line.first.need.reserve
            if reserve is None or cap.fits(reserve) or cap.may_fit_later(reserve):
                return
            permit = self._line.pop_first().permit
            if not permit.done():
                permit.set_exception(_cap_reached(cap, reserve))

    def _set_timer(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds < math.inf:
            self._timer = self._loop.call_later(max(seconds, _ROUNDING_S), self._dispatch)

    def _abandon(self, waiter: Waiter) -> None:
        """The task of this waiter was cancelled; a permit that came at the same moment goes back."""
        if waiter.permit.done() and not waiter.permit.cancelled() and waiter.permit.exception() is None:
            if (permit := waiter.permit.result()) is not None:
                self.release(permit)
        elif self._line.remove(waiter):
            self._dispatch()


def _cap_reached(cap: SpendCap, reserve: int) -> SpendCapReached:
    assert cap.limit is not None
    possible = f", and calls without a known end may have cost {usd(cap.possible):.6f} more" if cap.possible else ""
    return SpendCapReached(
        f"the next call can cost {usd(reserve):.6f} USD, for which limits.max_cost_usd = {usd(cap.limit):.6f} has no "
        f"room left: {usd(cap.billed):.6f} USD are billed{possible}",
        hint="raise limits.max_cost_usd and run again: nothing is paid twice",
    )
