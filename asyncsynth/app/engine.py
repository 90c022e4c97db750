"""Puts a run together: endpoint, gate, writer and pipeline, with signals and progress around them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from asyncsynth.app.endpoint import served
from asyncsynth.app.job import Job
from asyncsynth.app.look import Look
from asyncsynth.app.troubles import Troubles
from asyncsynth.cli.progress import keep_showing
from asyncsynth.cli.shutdown import Shutdown
from asyncsynth.engine.pipeline import Collaborators, Pipeline
from asyncsynth.engine.reuse import missing
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import Rules
from asyncsynth.errors import Interrupted
from asyncsynth.pace.backoff import Backoff, RetryBudget
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.meter import Meter
from asyncsynth.provider.endpoint import HttpEndpoint
from asyncsynth.provider.open_files import room_for
from asyncsynth.provider.services import SERVICES
from asyncsynth.provider.wires import wire_of
from asyncsynth.store.writer import Writer

AUTO_WORKERS = 512  # the most calls under way that concurrency = "auto" tries
HISTORY_S = 75.0  # of earlier runs' calls; the longest window of a limit is a minute


def work(job: Job, tally: Tally) -> None:
    """Run the job to its end on an event loop (uvloop where it is there), counting in `tally`.

    Raises the AsyncsynthError that ended it early: Interrupted, SpendCapReached, EndpointStopped, StoreWriteFailed.
    """
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_work(job, tally))
    except KeyboardInterrupt:
        # Before or after the time in which Shutdown listens nothing is under way.
        raise interrupted(tally) from None


def interrupted(tally: Tally) -> Interrupted:
    missing_now = max(0, tally.to_make - tally.ended)
    return Interrupted(
        f"interrupted: {tally.made:,} made, {missing_now:,} to make; everything received is kept",
        hint="run the same command again to go on",
    )


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - there is none on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _work(job: Job, tally: Tally) -> None:
    limits = job.config.limits
    async with _endpoint(job) as endpoint:
        gate = _gate(job)
        workers = _most_calls(job)
        rules = Rules(limits.max_attempts, limits.max_reasks)
        pipeline = Pipeline(_collaborators(job, endpoint, gate), rules, tally, workers=workers)
        shutdown = Shutdown(pipeline.drain, pipeline.cancel)
        look = Look(tally, gate, job.reuse.reuse, asyncio.get_running_loop().time, priced=job.price is not None)
        with shutdown.listening(), job.display.shown():
            showing = asyncio.create_task(keep_showing(job.display, look))
            try:
                await pipeline.run()
            finally:
                showing.cancel()
                await asyncio.wait([showing])
    if pipeline.stopped_by is not None:
        raise pipeline.stopped_by
    if shutdown.requested and tally.ended < tally.to_make:
        raise interrupted(tally)


def _most_calls(job: Job) -> int:
    """Calls that can be under way at once: what the config asks for, as far as the system has open files for them."""
    asked = job.config.limits.concurrency
    return room_for(AUTO_WORKERS if asked == "auto" else asked)


@asynccontextmanager
async def _endpoint(job: Job) -> AsyncIterator[HttpEndpoint]:
    """The endpoint, with the server behind it where that is ours."""
    section = job.config.endpoint
    service = SERVICES[section.provider]
    wire = wire_of(section.api or service.api, service.model_name(section.model), section.parameters)
    async with (
        served(section, _most_calls(job)) as base_url,
        HttpEndpoint(
            base_url,
            wire,
            key=job.key,
            timeout_s=section.timeout_s,
            keep_truncated=job.config.output.keep_truncated,
            now=time.time,
        ) as endpoint,
    ):
        yield endpoint


def _gate(job: Job) -> Gate:
    """The gate of [limits], going on from what earlier runs spent and sent within the last minute."""
    totals, now = job.store.totals, time.time()
    history = [(now - sent_at, tokens) for sent_at, tokens in job.store.recent_calls(now - HISTORY_S)]
    billed, possible = totals.paid.picodollars, totals.uncertain.picodollars
    return Gate.from_limits(job.config.limits, billed=billed, possible=possible, history=history)


def _collaborators(job: Job, endpoint: HttpEndpoint, gate: Gate) -> Collaborators:
    endpoint_section = job.config.endpoint
    most_tokens = SERVICES[endpoint_section.provider].most_tokens(endpoint_section.parameters)
    clock, rng = asyncio.get_running_loop().time, random.Random()  # noqa: S311 - jitter needs no secrecy
    return Collaborators(
        requests=missing(job.recipe, job.store),
        endpoint=endpoint,
        gate=gate,
        writer=Writer(job.store, raw_log=job.config.output.raw_log),
        meter=Meter(job.price, most_tokens, tell=lambda words: job.display.note("counted_more", message=words)),
        backoff=Backoff(rng, RetryBudget(clock()), clock),
        now=time.time,
        on_end=job.on_end,
        on_trouble=Troubles(job.display, clock).on_fault,
    )
