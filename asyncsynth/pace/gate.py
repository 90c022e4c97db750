"""The gate before every send: those who wait, and each endpoint's allowance; whichever has room serves them.

No task and no lock: a synchronous _dispatch() gives out permits, called by whoever changes something and by one timer.
Who comes first is served first, but for the bounded look-ahead of pace/line. An endpoint that may not send holds up
nobody whom another one can serve (pace/lines).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from functools import partial

from asyncsynth.costs import usd
from asyncsynth.errors import SpendCapReached
from asyncsynth.pace.allowance import Allowance
from asyncsynth.pace.line import Waiter
from asyncsynth.pace.lines import Lines
from asyncsynth.pace.spend import SpendCap
from asyncsynth.text import money
from asyncsynth.values import Fault, Need, Permit, RateHints, Usage

_ROUNDING_S = 1e-6


class Gate:
    """Gives out permits. To be made and used inside one running loop, whose clock it lives by.

    `allowances` are those of the endpoints, which are known by their places in it; they share a spend cap.
    """

    def __init__(self, allowances: Sequence[Allowance]) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.time
        self.allowances = allowances
        self.cap: SpendCap = allowances[0].cap
        assert all(allowance.cap is self.cap for allowance in allowances), "money is one"
        self._open = list(range(len(allowances)))  # endpoints that take calls
        self._sent = 0
        self._lines = Lines()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    @property
    def in_flight(self) -> int:
        return sum(allowance.in_flight for allowance in self.allowances)

    @property
    def waiting(self) -> int:
        return self._lines.waiting

    @property
    def concurrency(self) -> int:
        """Calls that may be in flight at once."""
        return sum(self.allowances[place].concurrency.limit for place in self._open)

    @property
    def held_back_by(self) -> str:
        """Why an endpoint sends nothing, or only single probes; "": nothing is in the way."""
        now = self._clock()
        reasons = (self.allowances[place].held_back_by(now) for place in self._open)
        return next(filter(None, reasons), "")

    async def admit(self, *needs: Need | None, first: bool = False) -> Permit | None:
        """Wait for a permit; returns without suspending where nothing is in the way. `first`: at the line's head.

        `needs` are what the call takes of each endpoint's allowance; None: that one can't make it. Returns None where
        the gate was stopped, or the last endpoint was closed that can. Raises SpendCapReached when the reserve doesn't
        fit and no call in flight can make it fit.
        """
        if self._stopped:
            return None
        if not self._lines.waiting:
            now = self._clock()
            if (permit := self._take(self._ready(now)[0], needs, now)) is not None:
                return permit
        waiter = Waiter(needs, self._loop.create_future())
        self._lines.add(waiter, first=first)
        self._dispatch()
        try:
            return await waiter.permit
        except asyncio.CancelledError:
            self._abandon(waiter)
            raise

    def settle(self, permit: Permit, usage: Usage, cost: int | None, *, latency_s: float) -> None:
        """The call was answered: what was set aside becomes what it really took. `cost` None: unknown."""
        self.allowances[permit.endpoint].on_answer(permit, usage, cost, latency_s, self._clock())
        if self._lines.waiting:
            self._dispatch()

    def settle_fault(self, permit: Permit, fault: Fault, cost: int | None) -> None:
        """The call failed. `cost`: 0 not billed, None perhaps billed at its reserve, else what it cost or may have."""
        self.allowances[permit.endpoint].on_fault(permit, fault, cost, self._clock())
        self._dispatch_those_who_wait()

    def release(self, permit: Permit) -> None:
        """The call was never sent: everything but its place in the rate of requests is given back."""
        self.allowances[permit.endpoint].on_never_sent(permit)
        self._dispatch_those_who_wait()

    def observe(self, permit: Permit, hints: RateHints) -> None:
        """Take the headers that came back for this call as a ceiling."""
        self.allowances[permit.endpoint].observe(hints, self._clock())

    def doubt(self, endpoint: int, reason: str) -> None:
        """Nothing good comes from there: send only single probes."""
        self.allowances[endpoint].doubt(reason, self._clock())
        self._dispatch_those_who_wait()

    def trust(self, endpoint: int) -> None:
        """Something good came: send again as before the doubt."""
        self.allowances[endpoint].trust(self._clock())
        self._dispatch_those_who_wait()

    def close(self, endpoint: int) -> None:
        """Send nothing more there; permits given out stay good. Who waits for no other one gets None."""
        self._open.remove(endpoint)
        for waiter in [waiter for waiter in self._lines if not any(waiter.needs[place] for place in self._open)]:
            self._lines.remove(waiter)
            if not waiter.permit.done():
                waiter.permit.set_result(None)
        self._dispatch_those_who_wait()

    def stop(self) -> None:
        """Everybody who waits, and whoever comes later, gets None; permits given out stay good."""
        self._stopped = True
        self._set_timer(math.inf)
        for line in self._lines.each:
            while line:
                permit = self._lines.pop_first(line).permit
                if not permit.done():
                    permit.set_result(None)

    def _dispatch_those_who_wait(self) -> None:
        if self._lines.waiting:
            self._dispatch()

    def _dispatch(self) -> None:
        """Serve who waits until something is in the way, and set the timer for when it is gone."""
        wait = math.inf
        while self._lines.waiting:
            now = self._clock()
            self._refuse_what_no_money_can_reach()
            ready, wait = self._ready(now)
            if not ready:
                break
            waiter, until_fit = self._lines.take_next(ready, partial(self._wait_of, now=now))
            wait = min(wait, until_fit)
            if waiter is None:
                break
            if not waiter.permit.done():  # cancelled, and its task hasn't run yet
                waiter.permit.set_result(self._take(ready, waiter.needs, now))
        self._set_timer(wait if self._lines.waiting else math.inf)

    def _ready(self, now: float) -> tuple[Sequence[int], float]:
        """The endpoints that may be sent something, the idlest first, and the seconds until the next one may."""
        if len(self._open) == 1:  # as a rule, and for each call
            only = self.allowances[self._open[0]]
            only.catch_up(now)
            wait = only.wait_of_all(now)
            return ((), wait) if wait > 0.0 else (self._open, math.inf)
        ready: list[int] = []
        wait = math.inf
        for place in self._open:
            allowance = self.allowances[place]
            allowance.catch_up(now)
            if (of_this := allowance.wait_of_all(now)) == 0.0:
                ready.append(place)
            else:
                wait = min(wait, of_this)
        if len(ready) > 1:
            ready.sort(key=lambda place: self.allowances[place].busy)
        return ready, wait

    def _wait_of(self, ready: Sequence[int], needs: Sequence[Need | None], now: float) -> float:
        waits = (self.allowances[place].wait_of(need, now) for place in ready if (need := needs[place]) is not None)
        return min(waits, default=math.inf)

    def _take(self, ready: Sequence[int], needs: Sequence[Need | None], now: float) -> Permit | None:
        """A permit for the first of these endpoints that has room."""
        for place in ready:
            need, allowance = needs[place], self.allowances[place]
            if need is not None and allowance.wait_of(need, now) == 0.0:
                self._sent += 1
                return allowance.take(need, now, number=self._sent, endpoint=place)
        return None

    def _refuse_what_no_money_can_reach(self) -> None:
        if self.cap.limit is None:
            return
        for line in self._lines.each:
            while line:
                needs = [need for place in self._open if (need := line.first.needs[place]) is not None]
                if any(self._money_may_come(need.reserve) for need in needs):
                    break
                permit = self._lines.pop_first(line).permit
                if not permit.done():
                    permit.set_exception(_cap_reached(self.cap, min(need.reserve or 0 for need in needs)))

    def _money_may_come(self, reserve: int | None) -> bool:
        return reserve is None or self.cap.fits(reserve) or self.cap.may_fit_later(reserve)

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
        elif self._lines.remove(waiter):
            self._dispatch()


def _cap_reached(cap: SpendCap, reserve: int) -> SpendCapReached:
    assert cap.limit is not None
    limit, billed = money(usd(cap.limit)), money(usd(cap.billed))
    possible = f", and calls without a known end may have cost {money(usd(cap.possible))} more" if cap.possible else ""
    return SpendCapReached(
        f"the next call can cost {money(usd(reserve))}, for which limits.max_cost_usd has no room left: {billed} of "
        f"{limit} are billed{possible}",
        hint="raise limits.max_cost_usd and run again: nothing is paid twice",
    )
