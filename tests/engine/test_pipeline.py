"""The pipeline, with the real store, gate, wire and endpoint against the simulated provider on a real socket."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config import Combinations, Limits, Prompt
from asyncsynth.engine.pipeline import QUEUED, Collaborators, Pipeline
from asyncsynth.engine.reuse import missing
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import Rules
from asyncsynth.errors import EndpointStopped, SpendCapReached, StoreWriteFailed
from asyncsynth.pace.backoff import Backoff, RetryBudget
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.meter import Meter
from asyncsynth.provider.endpoint import HttpEndpoint
from asyncsynth.provider.wires import wire_of
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import GivenUp, Made, Price
from tests.conftest import SimulatorFactory

MAX_TOKENS = 200


def recipe(samples: int) -> Recipe:
    return Recipe.of(
        {"n": tuple(range(samples))},
        Combinations(),
        Prompt(request="{{ uuid }} {{ n }}", record="{{ n }}: "),
        api="chat",
        model="m",
        parameters={"max_tokens": MAX_TOKENS},
    )


class Run:
    """A pipeline and what it did."""

    def __init__(self, pipeline: Pipeline, tally: Tally, ends: list[Made | GivenUp], store: Store) -> None:
        self.pipeline, self.tally, self.ends, self.store = pipeline, tally, ends, store


@asynccontextmanager
async def run_of(
    base_url: str,
    directory: Path,
    samples: int,
    *,
    price: Price | None = None,
    rules: Rules | None = None,
    on_end: Callable[[Made | GivenUp], None] | None = None,
    **limits: Any,
) -> AsyncIterator[Run]:
    section = Limits(**{"concurrency": 4, **limits})
    made = recipe(samples)
    ends: list[Made | GivenUp] = []
    tally = Tally(to_make=samples)
    wire = wire_of("chat", "m", {"max_tokens": MAX_TOKENS})
    clock = asyncio.get_running_loop().time

    def note_end(end: Made | GivenUp) -> None:
        ends.append(end)
        if on_end is not None:
            on_end(end)

    with open_store(directory, now=time.time) as store:
        store.begin_run({})
        async with HttpEndpoint(base_url, wire, key=None, timeout_s=10.0) as endpoint:
            parts = Collaborators(
                requests=missing(made, store),
                endpoint=endpoint,
                gate=Gate.from_limits(section),
                writer=Writer(store, raw_log=False),
                meter=Meter(price, MAX_TOKENS),
                backoff=Backoff(random.Random(1), RetryBudget(clock()), clock),
                now=time.time,
                on_end=note_end,
                on_trouble=lambda _: None,
            )
            assert section.concurrency != "auto"
            pipeline = Pipeline(parts, rules or Rules(6, 0), tally, workers=section.concurrency)
            yield Run(pipeline, tally, ends, store)


async def test_every_sample_ends_once_and_never_more_calls_than_slots_are_under_way(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator(latency_s=0.01) as provider, run_of(provider.base_url, tmp_path / "o", 50) as run:
        await run.pipeline.run()
        assert len({end.request.sample.key for end in run.ends}) == run.tally.made == len(run.store.done) == 50
        assert provider.provider.stats.totals()["peak_in_flight"] <= 4
        assert run.tally.in_flight == 0


async def test_a_sample_is_asked_again_after_a_passing_fault(simulator: SimulatorFactory, tmp_path: Path) -> None:
    faults = {"fault_shares": {"server_error_500": 1.0}, "faults_per_body": 1}
    async with simulator(**faults) as provider, run_of(provider.base_url, tmp_path / "o", 6) as run:
        await run.pipeline.run()
        assert run.tally.made == 6
        assert (run.tally.calls, run.tally.retries) == (12, 6)
        assert {end.attempts for end in run.ends} == {2}


async def test_replies_that_are_all_illegible_stop_the_run_and_dead_letter_nothing(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with (
        simulator(fault_shares={"bad_json": 1.0}) as provider,
        run_of(provider.base_url, tmp_path / "o", 3, rules=Rules(6, 0)) as run,
    ):
        await run.pipeline.run()
        assert isinstance(run.pipeline.stopped_by, EndpointStopped)
        assert "all failed alike" in run.pipeline.stopped_by.message
        assert run.ends == []
        assert run.store.totals.maybe.calls == run.tally.calls <= 5 + 3, "the provider may have billed each"


async def test_a_paid_and_rejected_answer_is_asked_again_only_as_often_as_allowed(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with (
        simulator(fault_shares={"content_filter": 1.0}) as provider,
        run_of(provider.base_url, tmp_path / "o", 2, rules=Rules(6, 1), price=Price(1, 1)) as run,
    ):
        await run.pipeline.run()
        assert run.tally.calls == 4
        assert run.store.totals.rejected.calls == 4
        assert run.store.totals.rejected.picodollars > 0


async def test_draining_lets_calls_under_way_end_and_sends_no_more(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator(latency_s=0.05) as provider, run_of(provider.base_url, tmp_path / "o", 100) as run:
        running = asyncio.create_task(run.pipeline.run())
        while run.tally.in_flight < 4:
            await asyncio.sleep(0)
        sent = run.tally.calls
        run.pipeline.drain()
        await running
        assert run.tally.calls == sent == run.tally.made
        assert run.pipeline.stopped_by is None


async def test_cancelling_notes_the_calls_that_it_cuts_off_as_possibly_billed(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator(latency_s=3600.0) as provider, run_of(provider.base_url, tmp_path / "o", 100) as run:
        running = asyncio.create_task(run.pipeline.run())
        while run.tally.in_flight < 4:
            await asyncio.sleep(0.001)
        run.pipeline.cancel()
        await running
        assert run.tally.made == 0
        assert run.store.totals.maybe.calls == 4
        assert run.store.totals.faults == {"interrupted": 4}


async def test_draining_ends_a_backoff_at_once(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with (
        simulator(fault_shares={"server_error_500": 1.0}) as provider,
        run_of(provider.base_url, tmp_path / "o", 8, rules=Rules(1000, 0)) as run,
    ):
        running = asyncio.create_task(run.pipeline.run())
        while run.tally.retries < 8:
            await asyncio.sleep(0.001)
        run.pipeline.drain()
        await running
        assert run.tally.given_up == 0, "they are untouched, for the next run"


async def test_no_credit_stops_the_run_and_dead_letters_nothing(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with (
        simulator(fault_shares={"insufficient_quota": 1.0}) as provider,
        run_of(provider.base_url, tmp_path / "o", 100) as run,
    ):
        await run.pipeline.run()
        assert isinstance(run.pipeline.stopped_by, EndpointStopped)
        assert run.tally.calls <= 4
        assert run.ends == []


async def test_the_first_samples_refused_alike_stop_the_run(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with (
        simulator(fault_shares={"bad_request": 1.0}) as provider,
        run_of(provider.base_url, tmp_path / "o", 100) as run,
    ):
        await run.pipeline.run()
        assert isinstance(run.pipeline.stopped_by, EndpointStopped)
        assert "refused alike" in run.pipeline.stopped_by.message
        assert run.tally.calls <= 5 + 1 + 4
        assert run.ends == [], "the corrected run makes them all"


async def test_the_spend_cap_stops_the_run_below_it(simulator: SimulatorFactory, tmp_path: Path) -> None:
    price = Price(1_000_000, 1_000_000)
    async with (
        simulator(price=price) as provider,
        run_of(provider.base_url, tmp_path / "o", 100, price=price, max_cost_usd=0.002) as run,
    ):
        await run.pipeline.run()
        assert isinstance(run.pipeline.stopped_by, SpendCapReached)
        assert 0 < run.store.totals.picodollars <= 2 * 10**9
        assert provider.provider.stats.totals()["billed_usd"] == pytest.approx(run.store.totals.picodollars / 10**12)


async def test_a_store_that_fails_ends_the_run_and_hangs_nobody(simulator: SimulatorFactory, tmp_path: Path) -> None:
    stores: list[Store] = []

    def full(*_: Any, **__: Any) -> None:
        raise StoreWriteFailed("records.jsonl: no space left on device")

    def fill_the_disk(_: Made | GivenUp) -> None:
        stores[0].committer.write = full  # type: ignore[method-assign] # from now on

    async with (
        simulator() as provider,
        run_of(provider.base_url, tmp_path / "o", 100, on_end=fill_the_disk) as run,
        asyncio.timeout(30),
    ):
        stores.append(run.store)
        with pytest.raises(StoreWriteFailed):
            await run.pipeline.run()
        assert run.tally.calls < 100


async def test_when_nobody_listens_any_more_the_run_drains_and_keeps_what_was_under_way(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    def gone(_: Made | GivenUp) -> None:
        raise BrokenPipeError

    async with (
        simulator(latency_s=0.05) as provider,
        run_of(provider.base_url, tmp_path / "o", 100, on_end=gone) as run,
    ):
        with pytest.raises(BrokenPipeError):
            await run.pipeline.run()
        assert 1 <= len(run.store.done) == run.tally.calls < 100


async def test_more_samples_than_the_queue_holds_are_all_made(simulator: SimulatorFactory, tmp_path: Path) -> None:
    samples = 2 * QUEUED + 1
    async with simulator(latency_s=0.0) as provider, run_of(provider.base_url, tmp_path / "o", samples) as run:
        async with asyncio.timeout(30):
            await run.pipeline.run()
        assert run.tally.made == len(run.store.done) == samples
