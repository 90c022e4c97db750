"""The pipeline, with the real store, gate, wire and endpoint against the simulated provider on a real socket."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config import Combinations, Limits, Prompt, Record
from asyncsynth.costs import Price
from asyncsynth.engine.audience import Audience
from asyncsynth.engine.collaborators import Collaborators, Supplier
from asyncsynth.engine.inventory import take_inventory
from asyncsynth.engine.missing import missing
from asyncsynth.engine.pipeline import QUEUED, Pipeline
from asyncsynth.engine.refresh import refresh
from asyncsynth.engine.rows import Rows
from asyncsynth.engine.tally import Tally
from asyncsynth.engine.verdict import Rules
from asyncsynth.errors import EndpointStopped, SpendCapReached, StoreTakenAway, StoreWriteFailed
from asyncsynth.pace.backoff import Backoff, RetryBudget
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.meter import Meter
from asyncsynth.provider.access import Access
from asyncsynth.provider.endpoint import HttpEndpoint
from asyncsynth.provider.wires import wire_of
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Answered, End, Fault, GivenUp, Value
from tests.conftest import SimulatorFactory
from tests.pace.permits import gate_by
from tests.patience import LONGEST_S

MAX_TOKENS = 200
ASKED = "{{ uuid }} {{ n }}"


def recipe(values: Sequence[Value], request: str) -> Recipe:
    return Recipe.of(
        {"n": values},
        Combinations(),
        Prompt(request=request),
        Record(prompt="{{ n }}: "),
        api="chat",
        model="m",
        parameters={"max_tokens": MAX_TOKENS},
    )


@dataclass
class Ears:
    """A listener that remembers, and does what a test wants of it."""

    on_end_too: Callable[[Answered | GivenUp], None] = lambda _: None
    on_trouble_too: Callable[[Fault], None] = lambda _: None
    ends: list[Answered | GivenUp] = field(default_factory=list)

    def on_end(self, end: End) -> None:
        assert isinstance(end, Answered | GivenUp), "there is one step"
        self.ends.append(end)
        self.on_end_too(end)

    def on_trouble(self, fault: Fault) -> None:
        self.on_trouble_too(fault)

    def on_note(self, words: str) -> None:
        pass


@dataclass
class Run:
    """A pipeline and what it did."""

    pipeline: Pipeline
    gate: Gate
    tally: Tally
    ears: Ears
    store: Store

    @property
    def ends(self) -> list[Answered | GivenUp]:
        return self.ears.ends


@asynccontextmanager
async def run_of(
    base_url: str,
    directory: Path,
    samples: int | Sequence[Value],
    *,
    request: str = ASKED,
    price: Price | None = None,
    rules: Rules | None = None,
    ears: Ears | None = None,
    **limits: Any,
) -> AsyncIterator[Run]:
    section = Limits(**{"concurrency": 4, **limits})
    assert section.concurrency != "auto"
    made, ears = recipe(range(samples) if isinstance(samples, int) else samples, request), ears or Ears()
    clock, audience = asyncio.get_running_loop().time, Audience(ears)
    with open_store(directory, now=time.time) as store:
        inventory = take_inventory(made, store, None)
        refresh(made, store, inventory)
        store.begin_run(recipe=made.fingerprint, order=made.order, facts={})
        wire, tally = wire_of("chat", "m", {"max_tokens": MAX_TOKENS}), Tally(to_make=inventory.to_make)
        async with HttpEndpoint(base_url, wire, access=Access(), timeout_s=10.0) as endpoint:
            gate, meter = gate_by(section), Meter(price, MAX_TOKENS, tell=audience.on_note)
            backoff = Backoff(random.Random(1), RetryBudget(clock()), clock)
            parts = Collaborators(
                requests=missing(made, store, inventory),
                suppliers=[Supplier("", endpoint, {"completion": meter}, backoff)],
                gate=gate,
                writer=Writer(store, raw_log=False),
                courses=Rows(made, inventory.twins),
                now=time.time,
                audience=audience,
            )
            pipeline = Pipeline(parts, rules or Rules(6, 0), tally, calls=[section.concurrency])
            yield Run(pipeline, gate, tally, ears, store)


def keys_of(ends: Sequence[Answered | GivenUp]) -> set[str]:
    return {end.request.sample.key if isinstance(end, Answered) else end.sample.key for end in ends}


async def test_every_sample_ends_once_and_never_more_calls_than_slots_are_under_way(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator(latency_s=0.01) as provider, run_of(provider.base_url, tmp_path / "o", 50) as run:
        await run.pipeline.run()
        assert len(keys_of(run.ends)) == run.tally.made == len(run.store.answered) == 50
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
        raise StoreWriteFailed("answers.jsonl: no space left on device")

    def fill_the_disk(_: Answered | GivenUp) -> None:
        stores[0].committer.write = full  # type: ignore[method-assign] # from now on

    async with (
        simulator() as provider,
        run_of(provider.base_url, tmp_path / "o", 100, ears=Ears(fill_the_disk)) as run,
        asyncio.timeout(LONGEST_S),
    ):
        stores.append(run.store)
        with pytest.raises(StoreWriteFailed):
            await run.pipeline.run()
        assert run.tally.calls < 100


def gone(_: object) -> None:
    raise BrokenPipeError


@pytest.mark.parametrize("ears", [Ears(gone), Ears(on_trouble_too=gone)], ids=["on_end", "on_trouble"])
async def test_when_nobody_listens_any_more_the_run_drains_and_keeps_what_was_under_way(
    simulator: SimulatorFactory, tmp_path: Path, ears: Ears
) -> None:
    faults = {"fault_shares": {"server_error_500": 0.2}} if ears.on_trouble_too is gone else {}
    async with (
        simulator(latency_s=0.05, **faults) as provider,
        run_of(provider.base_url, tmp_path / "o", 100, ears=ears) as run,
    ):
        with pytest.raises(BrokenPipeError):
            await run.pipeline.run()
        totals = provider.provider.stats.totals()
        assert 1 <= totals["calls"] == run.tally.calls < 100
        assert len(run.store.answered) == totals["answered"], "what was under way is kept"
        assert run.store.totals.maybe.calls == 0, "nothing was cut off"


async def test_files_that_are_taken_away_end_the_sending_and_what_is_under_way_is_kept(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    def delete(_: object) -> None:
        (tmp_path / "o" / "answers.jsonl").unlink(missing_ok=True)

    async with (
        simulator(latency_s=0.05) as provider,
        run_of(provider.base_url, tmp_path / "o", 100, ears=Ears(delete)) as run,
    ):
        with pytest.raises(StoreTakenAway, match="saved in"):
            await run.pipeline.run()
        totals = provider.provider.stats.totals()
        assert 1 <= totals["calls"] == totals["answered"] == run.tally.made < 100
        saved = (tmp_path / "o.saved" / "answers.jsonl").read_bytes()
        assert saved.count(b"\n") == totals["answered"]
        assert run.gate.in_flight == 0
        run.store.committer.close()


async def test_a_run_that_is_drained_before_it_works_sends_nothing_and_ends(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    """Ctrl-C while the server of a local model starts; more samples than the queue holds."""
    async with (
        simulator() as provider,
        run_of(provider.base_url, tmp_path / "o", 3 * QUEUED) as run,
        asyncio.timeout(LONGEST_S),
    ):
        run.pipeline.drain()
        await run.pipeline.run()
        assert (run.tally.calls, run.ends) == (0, [])


async def test_a_request_that_can_not_be_rendered_is_a_dead_letter_and_cuts_nobody_off(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    """Whether it fails for the values, or for nothing but the UUID, which only the request itself has."""
    values: list[Value] = [*({"name": f"n{number}"} for number in range(40)), {"other": "x"}]
    fails_with_uuid = "{{ n.name }} {{ 1 // ((uuid[-1:] | int(1)) % 3) }}"  # for about a quarter of them
    async with (
        simulator(latency_s=0.02) as provider,
        run_of(provider.base_url, tmp_path / "o", values, request=fails_with_uuid) as run,
    ):
        await run.pipeline.run()
        letters = [end for end in run.ends if isinstance(end, GivenUp)]
        assert len(letters) > 1
        assert {letter.fault.reason for letter in letters} == {"request_template"}
        assert run.tally.made + len(letters) == 41
        assert run.tally.made == provider.provider.stats.totals()["answered"] > 0
        assert run.store.totals.maybe.calls == 0


async def test_a_long_row_of_samples_that_can_not_be_rendered_does_not_stall_the_answers(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    values: list[Value] = [{"name": "n"}, *({"other": number} for number in range(5000))]
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with (
        simulator() as provider,
        run_of(provider.base_url, tmp_path / "o", values, request="{{ uuid }} {{ n.name }}") as run,
    ):
        others = asyncio.create_task(turn())
        await run.pipeline.run()
        others.cancel()
        assert (run.tally.made, run.tally.given_up) == (1, 5000)
        assert turns >= 4


async def test_samples_that_ask_the_same_are_asked_once_and_each_has_its_end(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    values: list[Value] = [{"name": name, "note": note} for name in "abcd" for note in range(3)]
    async with (
        simulator() as provider,
        run_of(provider.base_url, tmp_path / "o", values, request="{{ uuid }} {{ n.name }}") as run,
    ):
        await run.pipeline.run()
        assert (run.tally.calls, run.tally.made, run.tally.answers) == (4, 12, 4)
        assert len({str(record["combination"]) for record in run.store.records()}) == 12


async def test_more_samples_than_the_queue_holds_are_all_made(simulator: SimulatorFactory, tmp_path: Path) -> None:
    samples = 2 * QUEUED + 1
    async with simulator(latency_s=0.0) as provider, run_of(provider.base_url, tmp_path / "o", samples) as run:
        async with asyncio.timeout(LONGEST_S):
            await run.pipeline.run()
        assert run.tally.made == len(run.store.answered) == samples
