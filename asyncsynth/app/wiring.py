"""The one place where a run is put together: endpoints, gate, writer and pipeline of a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal

from msgspec import Struct

from asyncsynth.app.job import Job
from asyncsynth.app.outside import Outside
from asyncsynth.app.target import Target
from asyncsynth.costs import PICODOLLARS_PER_USD
from asyncsynth.engine.audience import Audience, Listener
from asyncsynth.engine.collaborators import Collaborators, Endpoint, Supplier
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.pipeline import Pipeline
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import Rules
from asyncsynth.engine.workflow import Workflow
from asyncsynth.pace.allowance import Allowance
from asyncsynth.pace.backoff import Backoff, RetryBudget
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.meter import Meter
from asyncsynth.pace.spend import SpendCap
from asyncsynth.provider.open_files import room_for
from asyncsynth.store.calls import RECENT_S
from asyncsynth.store.store import Store
from asyncsynth.store.writer import Writer

GUESSED_SLOTS = 32  # of an endpoint that is yet to show how many it has


class Wired(Struct, frozen=True):
    """A run that is ready; `gate` and `tally` can be looked at while it works."""

    pipeline: Pipeline
    gate: Gate
    tally: Tally


@asynccontextmanager
async def wired(
    job: Job,
    workflow: Workflow,
    store: Store,
    inventory: Inventory,
    outside: Outside,
    listener: Listener,
) -> AsyncIterator[Wired]:
    """The run of a job on an open store, whose views are up to date; inside a running loop."""
    limits, tally, audience = job.config.limits, Tally(to_make=inventory.to_make), Audience(listener)
    asked = [target.limits.concurrency for target in job.targets]
    calls = calls_at_once(asked, outside.most_calls, audience.on_note)
    async with AsyncExitStack() as opened:
        suppliers = []
        for target, most in zip(job.targets, calls, strict=True):
            endpoint = outside.endpoint(target, most, keep_truncated=job.config.output.keep_truncated)
            suppliers.append(_supplier(target, await opened.enter_async_context(endpoint), outside, audience))
        gate = _gate(job, store, outside)
        writer = Writer(store, raw_log=job.config.output.raw_log, sync=outside.sync)
        work = workflow.work(store, inventory, writer, noted_every=outside.noted_every, ahead=_ahead(job.targets))
        parts = Collaborators(
            requests=work.requests,
            suppliers=suppliers,
            gate=gate,
            writer=writer,
            courses=work.courses,
            now=outside.now,
            audience=audience,
        )
        rules = Rules(limits.max_attempts, job.reasks)
        yield Wired(Pipeline(parts, rules, tally, calls=calls), gate, tally)


def _ahead(targets: Sequence[Target]) -> int:
    """Samples that are sent between the first of a group and the others: it is answered meanwhile, as a rule."""
    slots = (target.limits.concurrency for target in targets)
    return 4 * sum(GUESSED_SLOTS if of_one == "auto" else of_one for of_one in slots)


def calls_at_once(asked: Sequence[int | Literal["auto"]], most: int, tell: Callable[[str], None]) -> list[int]:
    """Calls that each target can have under way: what its config asks for, as far as there are open files for them.

    `most`: for "auto". Fewer than a number that was asked for are told, because nothing else shows them.
    """
    wanted = [most if of_one == "auto" else of_one for of_one in asked]
    fit = room_for(wanted)
    if any(fits < of_one for fits, of_one in zip(fit, asked, strict=True) if of_one != "auto"):
        tell(
            f"{sum(fit)} calls at a time, not {sum(wanted)}: this process can't open more files; raise `ulimit -n`, or "
            "lower the concurrency"
        )
    return fit


def _supplier(target: Target, endpoint: Endpoint, outside: Outside, audience: Audience) -> Supplier:
    clock = asyncio.get_running_loop().time
    meters = {
        step: Meter(
            of.price,
            of.most_tokens,
            dearest=of.dearest,
            beside=target.beside(step),
            longest=of.longest_prompt,
            tell=audience.on_note,
        )
        for step, of in ((step, target.for_step(step)) for step in target.steps)
    }
    return Supplier(target.name, endpoint, meters, Backoff(outside.rng, RetryBudget(clock()), clock))


def _gate(job: Job, store: Store, outside: Outside) -> Gate:
    """The gate before the targets, going on from what earlier runs spent and sent within the last minute.

    Calls of an endpoint that has another name now may have gone to any of these.
    """
    totals, now, usd = store.totals, outside.now(), job.config.limits.max_cost_usd
    cap = SpendCap(
        None if usd is None else round(usd * PICODOLLARS_PER_USD),
        billed=totals.paid.picodollars,
        possible=totals.uncertain.picodollars,
    )
    sent = store.recent_calls(now - RECENT_S)
    names = {target.name for target in job.targets}
    allowances = []
    for target in job.targets:
        history = [(now - at, tokens) for at, tokens, name in sent if name == target.name or name not in names]
        allowances.append(Allowance.of(target.limits, cap, asyncio.get_running_loop().time(), history))
    return Gate(allowances)
