"""An Endpoint of the pipeline without sockets: the real wire format and fault table on the simulated service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asyncsynth.app.endpoints import answer_rules
from asyncsynth.app.target import Target
from asyncsynth.provider.classify import About, fault_of
from asyncsynth.provider.endpoint import reason_of
from asyncsynth.provider.transport.contract import HttpReply, TransportError
from asyncsynth.provider.wires import wire_of
from asyncsynth.servers.simulator.provider import Plan
from asyncsynth.values import Answer, Fault, Reply, Request
from tests.simulation.service import Service


class InProcessEndpoint:
    """What provider/endpoint.HttpEndpoint is to a network. `now` gives seconds since the epoch."""

    def __init__(
        self, service: Service, place: int, target: Target, now: Callable[[], float], *, keep_truncated: bool
    ) -> None:
        section = target.endpoint
        assert section.api is not None
        assert section.base_url is not None
        self._service, self._place = service, place
        schemas = {step: own.schema for step, own in target.own.items()}
        self._wires = {
            step: wire_of(section.api, section.model, section.parameters, schemas.get(step)) for step in target.steps
        }
        self._about = About(section.base_url, section.model, section.timeout_s, str)
        self._rules = answer_rules(section, keep_truncated=keep_truncated)
        self._now = now
        self.most_in_flight = 0

    async def send(self, request: Request) -> Reply:
        service, body = self._service, self._wires[request.step].body(request)
        started = asyncio.get_running_loop().time()
        service.in_flight[self._place] += 1
        self.most_in_flight = max(self.most_in_flight, service.in_flight[self._place])
        call, reply = service.post(self._place, request.sample.key, body)
        try:
            outcome = self._outcome(request, await reply)
        except (TransportError, OSError) as error:
            outcome = fault_of(reason_of(error), self._about, detail=str(error))
        finally:
            service.in_flight[self._place] -= 1
        call.ended_at = asyncio.get_running_loop().time()
        if isinstance(outcome, Answer):
            service.answers.add((call.run, call.key, call.attempt))
        return Reply(outcome, body, call.ended_at - started)

    def _outcome(self, request: Request, plan: Plan) -> Answer | Fault:
        assert plan.status is not None
        reply = HttpReply(plan.status, dict(plan.headers), plan.body)
        return self._wires[request.step].parse(reply, request, self._about, self._now(), self._rules)
