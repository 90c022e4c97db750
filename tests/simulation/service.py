"""The providers as the world sees them: they go on when a client dies, and remember each call and its bill.

Events (a request arrives, an answer is ready, a client's patience ends) are in a heap of the world's own; while a
process lives, its loop runs them. The exceptions that a broken call raises are the real pool's, so that the
client's own translation of them is part of the simulation.
"""

from __future__ import annotations

import asyncio
import errno
import heapq
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from asyncsynth.provider.transport.contract import BodyCutOff, ConnectFailed, Disconnected
from asyncsynth.servers.simulator.faults import Effect
from asyncsynth.servers.simulator.provider import Outcome, Plan, Provider
from asyncsynth.values import Api

Spells = tuple[tuple[float, float], ...]
WAY_S = (0.001, 0.2)  # of a request to the provider; pace/requests allows for 0.4 s between the fastest and the slowest
REFUSED_AFTER_S = 0.002


@dataclass(slots=True)
class SentCall:
    """One call, as the provider and the world know it; `plan` None: it never arrived."""

    run: int
    key: str
    attempt: int
    sent_at: float
    endpoint: int = 0  # the place of the provider
    plan: Plan | None = None
    arrived_at: float = 0.0
    ended_at: float = 0.0  # when the client had its outcome; 0: never

    @property
    def billed(self) -> bool:
        return self.plan is not None and self.plan.billed

    @property
    def cost(self) -> int:
        return (self.plan.cost or 0) if self.plan is not None else 0


@dataclass(slots=True)
class Client:
    """A process that sends calls, while it lives."""

    run: int
    loop: asyncio.AbstractEventLoop
    timeout_s: float
    alive: bool = True


@dataclass
class Service:
    """`outages` of each provider are (start, end) in seconds of the world's clock, in which it accepts nothing."""

    providers: Sequence[Provider]
    api: Api
    rng: random.Random
    outages: Sequence[Spells]
    now: float = 0.0  # while no process lives
    calls: list[SentCall] = field(default_factory=list)
    answers: set[tuple[int, str, int]] = field(default_factory=set)  # (run, key, attempt) that a live process was given
    in_flight: Counter[int] = field(default_factory=Counter)
    _client: Client | None = None
    _events: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    _count: int = 0
    _attempts: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def bill(self) -> int:
        """Picodollars of all calls that arrived, whether their answer is ready yet or not."""
        return sum(call.cost for call in self.calls)

    def attach(self, client: Client) -> None:
        """A process begins."""
        self._client = client
        self.in_flight.clear()
        for at, _, _ in self._events:
            client.loop.call_at(at, self._run_due)

    def detach(self, now: float) -> None:
        """It has ended, or was killed."""
        if self._client is not None:
            self._client.alive = False
        self._client = None
        self.now = now

    def advance(self, until: float) -> None:
        """Time passes without a process."""
        while self._events and self._events[0][0] <= until:
            at, _, event = heapq.heappop(self._events)
            event(at)
        self.now = until

    def post(self, endpoint: int, key: str, body: bytes) -> tuple[SentCall, asyncio.Future[Plan]]:
        """A client sends; the future brings what comes back, or how it breaks."""
        client = self._client
        assert client is not None
        now = client.loop.time()
        attempt = self._attempts[client.run, key] = self._attempts.get((client.run, key), 0) + 1
        call, reply = SentCall(client.run, key, attempt, now, endpoint), client.loop.create_future()
        self.calls.append(call)
        if any(start <= now < end for start, end in self.outages[endpoint]):
            refused = ConnectFailed(OSError(errno.ECONNREFUSED, "refused"))
            self._at(now + REFUSED_AFTER_S, lambda _: _settle(client, reply, refused))
        else:
            self._at(now + self.rng.uniform(*WAY_S), lambda at: self._arrive(at, client, call, body, reply))
        return call, reply

    def _arrive(self, now: float, client: Client, call: SentCall, body: bytes, reply: asyncio.Future[Plan]) -> None:
        provider = self.providers[call.endpoint]
        plan = provider.decide(now, self.api, body, "m" if self.api == "gemini" else None)
        call.plan, call.arrived_at = plan, now
        patience = call.sent_at + client.timeout_s
        ready = now + plan.latency_s
        if ready > patience or plan.effect is Effect.HANG:
            self._at(max(patience, now), lambda _: _settle(client, reply, TimeoutError()))
        self._at(ready, lambda at: self._finish(at, client, provider, plan, reply))

    def _finish(self, now: float, client: Client, provider: Provider, plan: Plan, reply: asyncio.Future[Plan]) -> None:
        delivered = client.alive and not reply.done()
        provider.finish(plan, now, delivered=delivered)
        if not delivered or plan.effect is Effect.HANG:
            return
        if plan.effect is Effect.RESET:
            _settle(client, reply, Disconnected())
        elif plan.effect is Effect.TRUNCATE:
            _settle(client, reply, BodyCutOff("the body ended early"))
        else:
            reply.set_result(plan)

    def _at(self, when: float, event: Callable[[float], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, event))
        if self._client is not None:
            self._client.loop.call_at(when, self._run_due)

    def _run_due(self) -> None:
        if self._client is None:
            return
        now = self._client.loop.time()
        while self._events and self._events[0][0] <= now:
            heapq.heappop(self._events)[2](now)


def _settle(client: Client, reply: asyncio.Future[Any], error: Exception) -> None:
    if client.alive and not reply.done():
        reply.set_exception(error)


def refusals_of_our_pace(service: Service) -> list[SentCall]:
    """Calls that the provider's limits refused."""
    return [call for call in service.calls if call.plan is not None and call.plan.outcome is Outcome.REFUSED]
