"""What is in a directory, as whoever looks at it is told, also while a run works on it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from asyncsynth.app.run import open_run
from asyncsynth.app.status import status
from tests.app.jobs import Ears, job, run
from tests.conftest import SimulatorFactory


def test_a_directory_that_does_not_exist_is_empty_and_is_not_made(tmp_path: Path) -> None:
    found = status(tmp_path / "no")
    assert (found.records, found.failures, found.totals.calls, found.runs, found.working) == (0, 0, 0, (), False)
    assert list(tmp_path.iterdir()) == []


async def test_records_failures_and_money_of_each_run_and_of_all(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator(fault_shares={"content_filter": 0.3}) as provider:
        await run(job(tmp_path, provider.base_url, combinations={"limit": 3, "repeats": 4}))
        await run(job(tmp_path, provider.base_url, combinations={"repeats": 4}))
        billed = provider.provider.stats.totals()
    found = status(tmp_path)
    assert found.records + found.failures == 24
    assert found.failures == found.totals.dead > 0
    assert found.totals.calls == billed["calls"] == 24
    assert [each.ended for each in found.runs] == ["complete", "complete"]
    assert sum(each.totals.answers for each in found.runs) == found.records
    lines = (tmp_path / "records.jsonl").read_bytes().splitlines()
    assert len(lines) == found.records


async def test_samples_that_share_an_answer_are_records_apart(simulator: SimulatorFactory, tmp_path: Path) -> None:
    alike = {"axes": {"genre": ["horror", "Horror", "romance"]}, "prompt": {"request": "{{ genre | lower }}"}}
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, record={"prompt": "{{ genre }}"}, **alike))
    found = status(tmp_path)
    assert (found.records, found.totals.answers) == (3, 2)


async def test_a_view_that_somebody_cut_is_counted_as_it_is(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
        lines = (tmp_path / "records.jsonl").read_bytes().splitlines(keepends=True)
        (tmp_path / "records.jsonl").write_bytes(b"".join(lines[:2]))
        assert (status(tmp_path).records, status(tmp_path).totals.answers) == (2, 6)
        (tmp_path / "records.jsonl").unlink()
        assert status(tmp_path).records == 0
        again = await run(job(tmp_path, provider.base_url))
        assert again.records == status(tmp_path).records == 6
        assert provider.provider.stats.totals()["calls"] == 6


async def test_a_run_at_work_is_seen_with_its_calls_under_way(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator(latency_s=0.5) as provider:
        with open_run(job(tmp_path, provider.base_url)) as opened:
            making = asyncio.create_task(opened.make(Ears(), asyncio.get_running_loop().time))
            while len((found := status(tmp_path)).under_way) < 4:
                await asyncio.sleep(0.01)
            assert found.working
            assert found.lost == ()
            assert opened.in_flight == 4
            await making
    after = status(tmp_path)
    assert (after.working, after.under_way, after.records) == (False, (), 6)
