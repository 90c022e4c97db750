"""The one place where a run is put together: endpoint, gate, writer and pipeline of a job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from asyncsynth.app.job import Job
from asyncsynth.app.outside import Outside
from asyncsynth.engine.audience import Audience, Listener
from asyncsynth.engine.collaborators import Collaborators
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.missing import missing
from asyncsynth.engine.pipeline import Pipeline
from asyncsynth.engine.rows import Rows
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import Rules
from asyncsynth.pace.backoff import Backoff, RetryBudget
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.meter import Meter
from asyncsynth.provider.open_files import room_for
from asyncsynth.store.store import Store
from asyncsynth.store.writer import Writer

HISTORY_S = 75.0  # of earlier runs' calls; the longest window of a limit is a minute


class Wired(NamedTuple):
    """A run that is ready; `gate` and `tally` can be looked at while it works."""

    pipeline: Pipeline
    gate: Gate
    tally: Tally


@asynccontextmanager
async def wired(
    job: Job,
    store: Store,
    inventory: Inventory,
    outside: Outside,
    listener: Listener,
) -> AsyncIterator[Wired]:
    """The run of a job on an open store, whose views are up to date; inside a running loop."""
    limits, calls = job.config.limits, most_calls(job, outside)
    clock, tally = asyncio.get_running_loop().time, Tally(to_make=inventory.to_make)
    async with outside.endpoint(job, calls) as endpoint:
        gate, audience = _gate(job, store, outside), Audience(listener)
        parts = Collaborators(
            requests=missing(job.recipe, store, inventory, noted_every=outside.noted_every),
            endpoint=endpoint,
            gate=gate,
            writer=Writer(store, raw_log=job.config.output.raw_log, sync=outside.sync),
            rows=Rows(job.recipe, inventory.twins),
            meter=Meter(job.price, job.most_tokens, tell=audience.on_note),
            backoff=Backoff(outside.rng, RetryBudget(clock()), clock),
            now=outside.now,
            audience=audience,
        )
        yield Wired(Pipeline(parts, Rules(limits.max_attempts, limits.max_reasks), tally, workers=calls), gate, tally)


def most_calls(job: Job, outside: Outside) -> int:
    """Calls that can be under way at once: what the config asks for, as far as the system has open files for them."""
    asked = job.config.limits.concurrency
    return room_for(outside.most_calls if asked == "auto" else asked)


def _gate(job: Job, store: Store, outside: Outside) -> Gate:
    """The gate of [limits], going on from what earlier runs spent and sent within the last minute."""
    totals, now = store.totals, outside.now()
    history = [(now - sent_at, tokens) for sent_at, tokens in store.recent_calls(now - HISTORY_S)]
    billed, possible = totals.paid.picodollars, totals.uncertain.picodollars
    return Gate.from_limits(job.config.limits, billed=billed, possible=possible, history=history)
