"""Runs from their opening to their outcome: what is made, what ends them, and what is told of it."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.outside import Outside
from asyncsynth.app.run import Run, interrupted, open_run
from asyncsynth.app.status import status
from asyncsynth.engine.refresh import CHANGED_BY_OTHERS
from asyncsynth.engine.tally import Tally
from asyncsynth.errors import EndpointStopped, Interrupted, SpendCapReached, StoreDamaged, StoreLocked
from asyncsynth.servers.simulator import Simulator
from asyncsynth.store import views
from asyncsynth.store.files import OsFiles
from asyncsynth.values import Answered
from tests.app.jobs import GENRES, MOODS, NOBODY, Ears, job, run
from tests.conftest import SimulatorFactory
from tests.patience import LONGEST_S

UNRENDERABLE = {"prompt": "{{ genre }}{% if genre == 'romance' and mood == 'angry' %}{{ mood.name }}{% endif %}"}


def lines(directory: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / name).read_bytes().splitlines()]


def ends_of_runs(directory: Path) -> list[str | None]:
    return [each.ended for each in status(directory).runs]


async def making(opened: Run, *, calls: int, ears: Ears | None = None) -> asyncio.Task[None]:
    """A run at work that has so many calls under way."""
    task = asyncio.create_task(opened.make(ears or Ears(), asyncio.get_running_loop().time))
    while opened.in_flight < calls:
        await asyncio.sleep(0.001)
    return task


async def test_everything_that_is_missing_is_made_and_told(simulator: SimulatorFactory, tmp_path: Path) -> None:
    ears = Ears()
    async with simulator() as provider:
        outcome = await run(job(tmp_path, provider.base_url), ears)
    assert (outcome.records, outcome.failures, outcome.tally.made) == (6, 0, 6)
    heard = {end.request.sample.key for end in ears.ends if isinstance(end, Answered)}
    assert heard == {record["key"] for record in lines(tmp_path, "records.jsonl")}
    assert ends_of_runs(tmp_path) == ["complete"]
    assert outcome.totals.paid.picodollars == outcome.totals.answered.picodollars > 0


async def test_a_second_run_has_nothing_to_make_and_begins_none(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
        before = (tmp_path / "records.jsonl").read_bytes()
        outcome = await run(job(tmp_path, provider.base_url))
        assert (outcome.inventory.there, outcome.inventory.to_make, outcome.records) == (6, 0, 6)
        assert provider.provider.stats.totals()["calls"] == 6
    assert (tmp_path / "records.jsonl").read_bytes() == before
    assert len(ends_of_runs(tmp_path)) == 1


async def test_records_of_a_changed_template_are_rendered_anew_for_nothing(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
        texts = {record["key"]: record["completion"] for record in lines(tmp_path, "records.jsonl")}
        changed = job(tmp_path, provider.base_url, record={"prompt": "Mood: {{ mood }}"})
        with open_run(changed) as opened:
            assert (opened.refreshed.anew, opened.refreshed.note, opened.inventory.to_make) == (6, "", 0)
        assert provider.provider.stats.totals()["calls"] == 6
    records = lines(tmp_path, "records.jsonl")
    assert {record["prompt"] for record in records} == {"Mood: calm", "Mood: angry"}
    assert {record["key"]: record["completion"] for record in records} == texts


@pytest.mark.parametrize("edit", ["line", "file", "letter"])
async def test_a_view_that_was_edited_by_hand_is_made_anew_with_a_note(
    simulator: SimulatorFactory, tmp_path: Path, edit: str
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
        path = tmp_path / "records.jsonl"
        before = sorted(path.read_bytes().splitlines())
        if edit == "file":
            path.unlink()
        elif edit == "line":
            path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
        else:
            path.write_bytes(path.read_bytes().replace(b"horror", b"hurror", 1))
        with open_run(job(tmp_path, provider.base_url)) as opened:
            assert "changed by somebody else" in opened.refreshed.note
            assert opened.refreshed.anew == 6
        assert sorted(path.read_bytes().splitlines()) == before
        with open_run(job(tmp_path, provider.base_url)) as opened:
            assert (opened.refreshed.note, opened.refreshed.anew) == ("", 0)


class SlowLook(OsFiles):
    """Files in which nobody sees what large views hold before `go_on`."""

    def __init__(self) -> None:
        self.go_on = threading.Event()

    def read(self, fd: int, size: int, offset: int) -> bytes:
        if threading.current_thread().name == "views":
            self.go_on.wait(LONGEST_S)
        return super().read(fd, size, offset)


async def with_an_edited_view(simulator: Simulator, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with half of its samples and a misspelt word in records.jsonl, which passes for a large file."""
    await run(job(directory, simulator.base_url, combinations={"limit": 3}))
    path = directory / "records.jsonl"
    path.write_bytes(path.read_bytes().replace(b"horror", b"hurror", 1))
    monkeypatch.setattr(views, "WORTH_A_THREAD", 1)
    return path


async def test_requests_do_not_wait_for_a_look_at_a_large_view_that_is_made_anew_at_the_end_if_it_was_edited(
    simulator: SimulatorFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears, files = Ears(), SlowLook()
    async with simulator() as provider:
        path = await with_an_edited_view(provider, tmp_path, monkeypatch)
        with open_run(job(tmp_path, provider.base_url), outside=Outside(files=files)) as opened:
            assert opened.refreshed.note == ""
            task = await making(opened, calls=1, ears=ears)
            files.go_on.set()
            await task
    assert ears.notes == [CHANGED_BY_OTHERS]
    assert len(lines(tmp_path, "records.jsonl")) == 6
    assert b"hurror" not in path.read_bytes()
    with open_run(job(tmp_path, NOBODY)) as opened:
        assert (opened.refreshed.note, opened.inventory.to_make) == ("", 0)


async def test_a_drained_run_leaves_the_look_at_a_large_view_to_the_next_one(
    simulator: SimulatorFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears, files = Ears(), SlowLook()
    async with simulator() as provider:
        await with_an_edited_view(provider, tmp_path, monkeypatch)
        with open_run(job(tmp_path, provider.base_url), outside=Outside(files=files)) as opened:
            task = await making(opened, calls=3, ears=ears)
            opened.drain()
            files.go_on.set()
            await task
    assert ears.notes == []
    with open_run(job(tmp_path, NOBODY)) as opened:
        assert opened.refreshed.note == CHANGED_BY_OTHERS
    assert len(lines(tmp_path, "records.jsonl")) == 6


async def test_a_record_that_can_not_be_rendered_is_a_failure_today_and_the_next_time_and_costs_nothing_to_mend(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        for _ in range(2):
            outcome = await run(job(tmp_path, provider.base_url, record=UNRENDERABLE))
            assert (outcome.records, outcome.failures, outcome.unrendered) == (5, 1, 1)
        (failure,) = lines(tmp_path, "failures.jsonl")
        assert (failure["reason"], failure["combination"]) == ("record_template", {"genre": "romance", "mood": "angry"})
        outcome = await run(job(tmp_path, provider.base_url))
        assert (outcome.records, outcome.failures, outcome.unrendered) == (6, 0, 0)
        assert provider.provider.stats.totals()["calls"] == 6


async def test_dead_letters_are_failures_today_and_the_next_time(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator(fault_shares={"content_filter": 0.3}) as provider:
        first = await run(job(tmp_path, provider.base_url, combinations={"repeats": 4}))
        assert first.failures == first.tally.given_up > 0
        assert (first.records + first.failures, first.unrendered) == (24, 0)
        again = await run(job(tmp_path, provider.base_url, combinations={"repeats": 4}))
        assert (again.records, again.failures, again.inventory.to_make) == (first.records, first.failures, 0)
        assert provider.provider.stats.totals()["calls"] == 24


async def test_a_drained_run_keeps_what_was_under_way_and_the_next_one_makes_the_rest(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    work = {"combinations": {"repeats": 4}}
    async with simulator(latency_s=0.1) as provider:
        with open_run(job(tmp_path, provider.base_url, **work)) as opened:
            task = await making(opened, calls=4)
            opened.drain()
            with pytest.raises(Interrupted, match="4 made, 20 to make"):
                await task
            assert (opened.outcome().records, opened.in_flight) == (4, 0)
        assert ends_of_runs(tmp_path) == ["interrupted"]
        outcome = await run(job(tmp_path, provider.base_url, **work))
        assert (outcome.inventory.there, outcome.records) == (4, 24)
        assert provider.provider.stats.totals()["calls"] == 24


async def test_a_run_that_is_drained_while_its_last_calls_end_is_complete(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator(latency_s=0.1) as provider:
        with open_run(job(tmp_path, provider.base_url, limits={"concurrency": 6})) as opened:
            task = await making(opened, calls=6)
            opened.drain()
            await task
    assert ends_of_runs(tmp_path) == ["complete"]


async def test_a_cancelled_run_lists_the_calls_that_it_cut_off(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator(latency_s=3600.0) as provider:
        with open_run(job(tmp_path, provider.base_url)) as opened:
            task = await making(opened, calls=4)
            opened.drain()
            opened.cancel()
            with pytest.raises(Interrupted, match="0 made, 6 to make"):
                await task
    found = status(tmp_path)
    assert (found.totals.maybe.calls, found.lost, ends_of_runs(tmp_path)) == (4, (), ["interrupted"])


@pytest.mark.parametrize("cancel", [False, True])
async def test_a_run_that_is_stopped_before_its_endpoint_is_there_sends_nothing(
    simulator: SimulatorFactory, tmp_path: Path, cancel: bool
) -> None:
    """A local model takes its time to start; more samples than wait for a worker."""
    async with simulator() as provider, asyncio.timeout(LONGEST_S):
        with open_run(job(tmp_path, provider.base_url, combinations={"repeats": 100})) as opened:
            if cancel:
                opened.cancel()
            opened.drain()
            with pytest.raises(Interrupted, match="0 made, 600 to make"):
                await opened.make(Ears(), asyncio.get_running_loop().time)
        assert provider.provider.stats.totals()["calls"] == 0


async def test_the_spend_cap_holds_over_runs_and_more_money_goes_on(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    work: dict[str, Any] = {"combinations": {"repeats": 4}}
    capped = work | {"limits": {"concurrency": 4, "max_cost_usd": 0.002}}
    async with simulator() as provider:
        for _ in range(2):
            with pytest.raises(SpendCapReached):
                await run(job(tmp_path, provider.base_url, **capped))
            assert 0 < status(tmp_path).totals.paid.picodollars <= 2 * 10**9
        assert ends_of_runs(tmp_path)[0] == "stopped at the spend cap"
        outcome = await run(job(tmp_path, provider.base_url, **work))
        assert outcome.records == 24
        assert provider.provider.stats.totals()["calls"] == 24


async def test_an_endpoint_without_credit_stops_the_run_and_buries_nothing(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    ears = Ears()
    async with simulator(fault_shares={"insufficient_quota": 1.0}) as provider:
        with pytest.raises(EndpointStopped):
            await run(job(tmp_path, provider.base_url), ears)
    found = status(tmp_path)
    assert (found.failures, ends_of_runs(tmp_path)) == (0, ["stopped by the endpoint"])
    assert {fault.reason for fault in ears.troubles} == {"no_credit"}


async def test_a_directory_that_another_run_holds_is_refused_and_left_alone(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator(latency_s=0.2) as provider:
        with open_run(job(tmp_path, provider.base_url)) as opened:
            task = await making(opened, calls=4)
            with pytest.raises(StoreLocked):
                open_run(job(tmp_path, provider.base_url))
            await task
            assert opened.outcome().records == 6


async def test_a_directory_that_can_not_be_read_is_given_back(tmp_path: Path) -> None:
    """Else the lock would outlive the refusal for as long as this process lives."""
    (tmp_path / "answers.jsonl").write_bytes(b"mine\n")
    for _ in range(2):
        with pytest.raises(StoreDamaged):
            open_run(job(tmp_path))


async def test_what_a_listener_raises_ends_the_run_and_keeps_what_was_under_way(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    class Gone(Ears):
        def on_end(self, end: object) -> None:
            raise BrokenPipeError

    async with simulator(latency_s=0.05) as provider:
        with pytest.raises(BrokenPipeError):
            await run(job(tmp_path, provider.base_url, combinations={"repeats": 9}), Gone())
        totals = provider.provider.stats.totals()
    found = status(tmp_path)
    assert found.records == totals["answered"] == totals["calls"] < 54
    assert ends_of_runs(tmp_path) == ["interrupted"]


async def test_axes_and_values_that_render_alike_share_their_answers(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    """More records than answers; a value more that asks what was asked before costs nothing."""
    alike = {"prompt": {"request": "{{ genre | lower }} {{ mood }}"}}
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, **alike))
        more = {"axes": {"genre": [*GENRES, "Horror"], "mood": MOODS}}
        with open_run(job(tmp_path, provider.base_url, **alike, **more)) as opened:
            assert (opened.inventory.there, opened.inventory.to_make) == (8, 0)
            assert opened.outcome().records == 8
        assert provider.provider.stats.totals()["calls"] == 6


async def test_how_far_it_is_can_be_asked_from_the_first_call_on(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator(latency_s=0.1) as provider:
        with open_run(job(tmp_path, provider.base_url)) as opened:
            assert opened.progress() is None
            task = await making(opened, calls=4)
            under_way = opened.progress()
            await task
            ended = opened.progress()
    assert under_way is not None
    assert (under_way.done, under_way.total, under_way.in_flight) == (0, 6, 4)
    assert ended is not None
    assert (ended.done, ended.total, ended.in_flight, ended.failed) == (6, 6, 0, 0)


def test_an_interruption_never_says_that_less_than_nothing_is_left() -> None:
    assert "3 made, 0 to make" in interrupted(Tally(to_make=2, made=3)).message
