"""Looking at a directory again and again tells the same as reading it whole, whoever works on it, and stays cheap."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from asyncsynth.app.drop import Selection, drop
from asyncsynth.app.following import Following
from asyncsynth.app.retry import retry
from asyncsynth.app.run import open_run
from asyncsynth.app.status import status
from asyncsynth.errors import StoreDamaged
from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory


def agrees(following: Following) -> None:
    """What was read on is what reading all of it tells."""
    seen, whole = following(), status(following.directory)
    assert (seen.records, seen.failures, seen.dead) == (whole.records, whole.failures, whole.totals.dead)
    assert seen.totals == replace(whole.totals, failures={})
    newest = whole.runs[-1] if whole.runs else None
    told = (0, None, None) if newest is None else (newest.id, newest.ended, newest.wanted)
    assert (seen.run, seen.ended, seen.wanted) == told
    assert seen.working == whole.working


async def test_it_tells_what_reading_all_tells_through_runs_drops_and_retries(
    tmp_path: Path, simulator: SimulatorFactory
) -> None:
    following = Following(tmp_path / "out", lambda: 0.0)
    agrees(following)
    async with simulator(fault_shares={"server_error_500": 0.2, "content_filter": 0.3}, seed=3) as simulated:
        for samples in (2, 4, 6):
            await run(job(tmp_path / "out", simulated.base_url, combinations__limit=samples))
            agrees(following)
        retry(tmp_path / "out", None)
        agrees(following)
        drop(tmp_path / "out", Selection(where=(("genre", "horror"),)))
        agrees(following)
        await run(job(tmp_path / "out", simulated.base_url, record={"prompt": "{{ mood }} {{ genre }}: "}))
        agrees(following)


async def test_while_a_run_holds_the_directory_its_process_is_told(tmp_path: Path) -> None:
    following = Following(tmp_path / "out", lambda: 0.0)
    with open_run(job(tmp_path / "out")):
        assert following().pid is not None
    assert following().pid is None


async def test_the_rates_are_of_what_came_between_two_looks(tmp_path: Path, simulator: SimulatorFactory) -> None:
    now = 0.0
    following = Following(tmp_path / "out", lambda: now)
    assert following().samples_per_s is None
    async with simulator() as simulated:
        await run(job(tmp_path / "out", simulated.base_url))
    now = 2.0
    assert following().samples_per_s == 3.0


async def test_a_changed_line_is_told(tmp_path: Path, simulator: SimulatorFactory) -> None:
    async with simulator() as simulated:
        await run(job(tmp_path / "out", simulated.base_url))
    manifest = tmp_path / "out" / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes().replace(b'"type":"answers","run":1', b'"type":"answers","run":2'))

    with pytest.raises(StoreDamaged, match="was changed since it was written"):
        Following(tmp_path / "out", lambda: 0.0)()


async def test_a_look_at_what_has_not_changed_reads_nothing_again(tmp_path: Path, simulator: SimulatorFactory) -> None:
    async with simulator() as simulated:
        await run(job(tmp_path / "out", simulated.base_url))
    following = Following(tmp_path / "out", lambda: 0.0)
    before = following()
    manifest = tmp_path / "out" / "manifest.jsonl"
    lines = manifest.read_bytes().splitlines(keepends=True)
    with manifest.open("r+b") as file:  # what stands there now would be refused
        file.write(json.dumps({"x": "y" * (len(lines[0]) - 12)}).encode()[: len(lines[0])])

    assert following().version == before.version
