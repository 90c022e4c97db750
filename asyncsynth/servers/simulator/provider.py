"""The provider's decisions: a call and its time in, a Plan out. Synchronous, no clock, no socket.

Order: an unreadable request is a 400; the limits are next and count every call that fits; then the fault
is drawn. Draws are by seed, body, and how many calls with this body got so far before, so they don't depend on
the order in which calls arrive. Whoever carries a Plan out waits latency_s, calls finish() and then sends.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.costs import usd
from asyncsynth.servers.simulator import draws, replies, shaped, spoilt, text
from asyncsynth.servers.simulator.dialects import DIALECTS
from asyncsynth.servers.simulator.dialects.dialect import Headers, Invalid
from asyncsynth.servers.simulator.faults import DEFAULT_MIXTURE, FAULTS, Effect, FaultKind
from asyncsynth.servers.simulator.limits import Limits
from asyncsynth.servers.simulator.requests import Asked, read_request, uuid_line
from asyncsynth.servers.simulator.settings import Settings
from asyncsynth.servers.simulator.stats import Stats
from asyncsynth.servers.simulator.written import Written
from asyncsynth.values import Api, Usage

_FILLED, _EVENLY, _MOST_FILLED = 0.75, 0.1, 0.95  # of max_tokens: such texts are not cut off


class Outcome(StrEnum):
    """What a call is counted as; exactly one each."""

    ANSWERED = "answered"  # the model's whole, usable text (even where a fault such as slow came with it)
    FAULT = "fault"
    REFUSED = "refused"  # by a limit
    INVALID = "invalid"  # a request that can't be read


class Plan(Struct, frozen=True):
    """What happens to one call; tokens and cost (picodollars; None: no price) are what is billed, 0 if nothing."""

    api: Api
    outcome: Outcome
    fault: FaultKind | None
    latency_s: float
    effect: Effect
    status: int | None  # None: no byte of a reply
    headers: Headers
    body: bytes
    prompt_id: bytes | None
    uuid: str | None
    billed: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: int | None = 0


class Provider:
    """One simulated provider with its windows, draws and counts."""

    def __init__(self, settings: Settings, started_at: float | None = None) -> None:
        """`started_at` is the zero of spells and capacity changes; None: the first call's time."""
        self.settings = settings
        self.stats = Stats(settings.kept_texts)
        self._limits = Limits(settings)
        self._key = draws.seed_key(settings.seed)
        self._started_at = started_at
        self._seen: dict[bytes, int] = {}
        even = settings.faults / len(DEFAULT_MIXTURE)
        self._shares = dict(settings.fault_shares)
        if even:
            for kind in DEFAULT_MIXTURE:
                self._shares[kind] = self._shares.get(kind, 0.0) + even

    def decide(self, now: float, api: Api, body: bytes, model: str | None = None) -> Plan:
        """Decide on a call that arrives at `now`; the Plan must be given to finish() once.

        `model`: as the path has it, where the API has it there.
        `now` is in seconds and never goes back; since the epoch if `created` in the answers is to be true.
        """
        if self._started_at is None:
            self._started_at = now
        self.stats.arrived()
        asked = read_request(api, body, self.settings.default_max_tokens, model)
        if isinstance(asked, Invalid):
            headers = (replies.JSON, *self._limit_headers(api, now))
            return _at_once(api, Outcome.INVALID, 400, headers, replies.invalid(asked, api), None, None)
        self.stats.asked(asked.prompt_id, asked.prompt)
        refusal = self._limits.admit(now, asked.prompt_tokens, asked.max_tokens)
        if refusal:
            more, reply = replies.refused(refusal, asked.model, api)
            headers = (replies.JSON, *more, *self._limit_headers(api, now))
            uuid = uuid_line(asked.prompt)
            return _at_once(api, Outcome.REFUSED, 429, headers, reply, asked.prompt_id, uuid)
        return self._admitted(now, api, asked, body)

    def finish(self, plan: Plan, now: float, *, delivered: bool = True) -> dict[str, Any]:
        """Count and bill a call when its answer is ready, and return its line for the ledger.

        `delivered` is False where the client is gone: the model has worked, so it is billed all the same.
        """
        stats = self.stats
        stats.in_flight -= 1
        if plan.fault:
            stats.faults[plan.fault] += 1
        if plan.billed:
            assert plan.prompt_id is not None
            stats.bill(plan.prompt_id, plan.prompt_tokens, plan.completion_tokens, plan.cost)
        if plan.outcome is Outcome.REFUSED:
            stats.refused += 1
        elif plan.outcome is Outcome.INVALID:
            stats.invalid += 1
        elif plan.outcome is Outcome.ANSWERED:
            if delivered:
                assert plan.prompt_id is not None
                stats.answered += 1
                stats.prompts[plan.prompt_id].answered += 1
            else:
                stats.undelivered += 1
        return {
            "at": now,
            "api": plan.api,
            "prompt": plan.prompt_id and plan.prompt_id.hex(),
            "uuid": plan.uuid,
            "status": plan.status,
            "outcome": plan.outcome,
            "fault": plan.fault,
            "delivered": delivered,
            "prompt_tokens": plan.prompt_tokens,
            "completion_tokens": plan.completion_tokens,
            "billed": plan.billed,
        }

    def _admitted(self, now: float, api: Api, asked: Asked, body: bytes) -> Plan:
        """The plan of a call that the limits let through."""
        assert self._started_at is not None
        seconds = now - self._started_at
        body_id = draws.fingerprint(body)
        seen = self._seen.get(body_id, 0)
        self._seen[body_id] = seen + 1
        call = body_id + seen.to_bytes(8, "little")
        first, second, fault_draw, call_id = draws.integers(self._key, call)
        kind = self._fault(seconds, seen, draws.share(fault_draw))
        written = self._written(now, api, asked, f"{call_id:016x}")
        if kind:
            written = spoilt.changed(kind, written)
        row = FAULTS[kind] if kind else None
        billed = row is None or row.billed
        cost = self._cost(written)
        if self.settings.tells_cost and cost is not None:
            written = replace(written, cost_usd=usd(cost))
        if kind:
            status, more, reply = spoilt.reply(kind, written, self.settings.retry_after_s)
        else:
            status, more, reply = 200, (replies.JSON,), replies.plain(written)
        return Plan(
            api=api,
            outcome=Outcome.ANSWERED if row is None or row.answered else Outcome.FAULT,
            fault=kind,
            latency_s=self._latency(seconds, first, second, kind) if row is None or row.waits else 0.0,
            effect=row.effect if row else Effect.SEND,
            status=status,
            headers=(*more, *self._limit_headers(api, now)),
            body=reply,
            prompt_id=asked.prompt_id,
            uuid=uuid_line(asked.prompt),
            billed=billed,
            prompt_tokens=written.prompt_tokens if billed else 0,
            completion_tokens=written.completion_tokens if billed else 0,
            cost=cost if billed else 0,
        )

    def _limit_headers(self, api: Api, now: float) -> Headers:
        states = self._limits.states(now)
        return DIALECTS[api].limit_headers(states, now) if states else ()

    def _cost(self, written: Written) -> int | None:
        price = self.settings.price
        if price is None:
            return None
        return price.cost(Usage(written.prompt_tokens, written.completion_tokens, cached_tokens=written.cached_tokens))

    def _fault(self, seconds: float, seen: int, draw: float) -> FaultKind | None:
        shares = self.settings.shares_at(seconds) if self.settings.spells else None
        if shares is None:
            often = self.settings.faults_per_body
            if not self._shares or (often is not None and seen >= often):
                return None
            shares = self._shares
        for kind, share in shares.items():
            if draw < share:
                return FaultKind(kind)
            draw -= share
        return None

    def _latency(self, seconds: float, first: int, second: int, kind: FaultKind | None) -> float:
        """A lognormal draw, longer in proportion to the load over the capacity, so that throughput stays flat."""
        settings = self.settings
        latency = draws.lognormal(settings.latency_s, settings.latency_sigma, first, second)
        capacity = settings.capacity_at(seconds)
        if capacity is not None:
            latency *= max(1.0, self.stats.in_flight / capacity)
        return latency * settings.slow_factor if kind is FaultKind.SLOW else latency

    def _written(self, now: float, api: Api, asked: Asked, call_id: str) -> Written:
        """The model's text: fixed by the prompt, the seed, and how often the prompt was answered before."""
        settings, prompt = self.settings, asked.prompt_id
        if before := self.stats.prompts[prompt].answered:
            prompt = draws.fingerprint(prompt + before.to_bytes(8, "little"))
        first, second, _, _ = draws.integers(self._key, b"length" + prompt)
        if settings.fills and asked.bounded:
            drawn = draws.lognormal(_FILLED, _EVENLY, first, second)
            wanted = round(min(drawn, _MOST_FILLED) * asked.max_tokens)
        else:
            wanted = round(draws.lognormal(settings.completion_tokens, settings.completion_sigma, first, second))
        # What max_tokens cuts off need not be written, whatever its length.
        tokens = min(wanted, asked.max_tokens + text.BYTES_PER_TOKEN)
        if asked.schema is None:
            content = text.write(self._key, prompt, tokens)
        else:
            room = asked.max_tokens * 2 // 3  # a model that is told a form mostly writes what can be closed in time
            content = shaped.shaped(asked.schema, self._key, prompt, min(tokens, room))
        written = replies.written_for(asked, api, call_id, int(now), content)
        return replace(written, cached_tokens=int(asked.prompt_tokens * settings.cached_share))


def _at_once(
    api: Api, outcome: Outcome, status: int, headers: Headers, body: bytes, prompt_id: bytes | None, uuid: str | None
) -> Plan:
    """The plan of a call that never reaches the model."""
    return Plan(api, outcome, None, 0.0, Effect.SEND, status, headers, body, prompt_id, uuid)
