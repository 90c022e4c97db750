"""One call: from the manifest's line before it to the written outcome after it, and what its end says to all.

Invariants: a call is in the manifest before it is sent; its permit ends once; its outcome is handed to the writer
before its slot is given back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from msgspec.structs import replace

from asyncsynth.engine.collaborators import Collaborators, Meter, Supplier
from asyncsynth.engine.health import Health
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import History
from asyncsynth.errors import StoreTakenAway, StoreWriteFailed
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import (
    Action,
    Answer,
    Answered,
    Billing,
    Call,
    Failed,
    Fault,
    Permit,
    RawCall,
    Reply,
    Request,
)

CUT_OFF = Fault("interrupted", Action.RETRY, Billing.MAYBE, "cut off by the second signal")


class Caller:
    """Sends calls and tells everybody of their ends; `healths` are those of the suppliers, by their places.

    `on_good_news(permit)`: a call was answered. `on_stop(place, why, fault)`: nothing more should be sent there.
    """

    def __init__(
        self,
        parts: Collaborators,
        healths: list[Health],
        tally: Tally,
        *,
        on_good_news: Callable[[Permit], None],
        on_stop: Callable[[int, str, Fault], None],
    ) -> None:
        self._parts = parts
        self._healths = healths
        self._tally = tally
        self._on_good_news = on_good_news
        self._on_stop = on_stop

    async def call(self, request: Request, permit: Permit, history: History) -> StoredAnswer | Fault:
        """What the call brought: the answer as it is kept.

        Raises StoreTakenAway, before it is sent, and StoreWriteFailed.
        """
        parts, supplier = self._parts, self._parts.suppliers[permit.endpoint]
        key, generation, attempt = request.sample.key, request.generation, history.sent
        need = permit.need
        call = Call(key, generation, attempt, parts.now(), need.tokens, need.reserve, supplier.name)
        self._start(call, permit, supplier)
        try:
            await parts.writer.written()
            reply = await supplier.endpoint.send(request)
        except asyncio.CancelledError:
            with suppress(StoreWriteFailed):  # a loop that shuts down cancels the writer, too: the next run names it
                parts.writer.failed(Failed(key, generation, attempt, CUT_OFF, call.reserve, parts.now()), None)
            raise
        finally:
            self._tally.in_flight -= 1
        outcome, raw = reply.outcome, _raw(call, reply) if parts.writer.keeps_raw else None
        if outcome.hints is not None:
            parts.gate.observe(permit, outcome.hints)
        if isinstance(outcome, Answer):
            return self._keep(request, permit, outcome, reply, raw, history, supplier.meters[request.step])
        return self._note(call, permit, outcome, raw, history, supplier.meters[request.step])

    def _start(self, call: Call, permit: Permit, supplier: Supplier) -> None:
        try:
            self._parts.writer.started(call)
        except StoreTakenAway:
            self._parts.gate.release(permit)
            raise
        supplier.backoff.on_call()
        self._healths[permit.endpoint].on_send(permit.number)
        tally = self._tally
        tally.calls += 1
        tally.in_flight += 1

    def _keep(
        self,
        request: Request,
        permit: Permit,
        answer: Answer,
        reply: Reply,
        raw: RawCall | None,
        history: History,
        meter: Meter,
    ) -> StoredAnswer:
        parts, usage, latency_s = self._parts, answer.usage, reply.latency_s
        cost = meter.cost(usage)
        rows = parts.courses.answered(request.sample, answer.text)
        answered = Answered(request, answer, cost, history.sent, latency_s, parts.now(), rows)
        stored = parts.writer.answered(answered, raw)
        parts.gate.settle(permit, usage, cost, latency_s=latency_s)
        meter.observe(permit.need, usage)
        self._hear_of_answer(permit, history)
        return stored

    def _hear_of_answer(self, permit: Permit, history: History) -> None:
        """The endpoint was well when it took this call: what failed before can be decided."""
        health, refusals = self._healths[permit.endpoint], history.refusals
        if refusals is not None and refusals.endpoint == permit.endpoint:
            health.repeated += refusals.times - 1
        if health.on_answer(permit.number, permit.need.least_tokens):
            self._doubt_or_trust(permit.endpoint, health)
        self._on_good_news(permit)

    def _doubt_or_trust(self, place: int, health: Health) -> None:
        """A doubtful endpoint answered a call: that ends the doubt, or was the last hope."""
        if not health.doubtful:
            self._parts.gate.trust(place)
        elif (stop := health.last_hope_gone(asyncio.get_running_loop().time())) is not None:
            self._on_stop(place, *stop)

    def _note(
        self, call: Call, permit: Permit, fault: Fault, raw: RawCall | None, history: History, meter: Meter
    ) -> Fault:
        """Tell everybody of the fault; what it comes to, going by the health of its endpoint."""
        parts, place, health = self._parts, permit.endpoint, self._healths[permit.endpoint]
        at, cost = asyncio.get_running_loop().time(), _cost_of(fault, call, meter)
        health.on_fault(permit.number, call.key, fault, at, cost=cost or 0)
        if health.tries_again(permit.number, fault):
            fault = replace(fault, action=Action.RETRY, counts=False)
        history.add(fault, permit, health)
        parts.writer.failed(Failed(call.key, call.generation, call.attempt, fault, cost, parts.now()), raw)
        parts.gate.settle_fault(permit, fault, cost)
        self._tally.on_fault(fault)
        parts.audience.on_trouble(fault)
        if fault.usage is not None:
            meter.observe(permit.need, fault.usage)
        if health.doubtful:
            parts.gate.doubt(place, fault.message)
        if (why := health.why_stop(fault, at)) is not None:
            self._on_stop(place, why, fault)
        return fault


def _cost_of(fault: Fault, call: Call, meter: Meter) -> int | None:
    """What a failed call may cost: nothing, its usage, or its worst case."""
    if fault.billing is Billing.NO:
        return 0
    return call.reserve if fault.usage is None else meter.cost(fault.usage)


def _raw(call: Call, reply: Reply) -> RawCall:
    outcome = reply.outcome
    is_json = isinstance(outcome, Answer) and not outcome.flags
    return RawCall(call.key, call.attempt, call.sent_at, reply.request_body, outcome.status, outcome.body, is_json)
