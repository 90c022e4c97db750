"""What a run would make, cost and take: the same numbers that the run then has, today and the next time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asyncsynth.app.plan import Plan, plan
from tests.app.jobs import GENRES, job, run
from tests.conftest import SimulatorFactory


def numbers(planned: Plan) -> tuple[int, int, int, int]:
    found = planned.inventory
    return found.there, found.to_make, found.requests, found.left


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_directory_that_does_not_exist_is_empty_and_is_not_made(tmp_path: Path) -> None:
    planned = plan(job(tmp_path / "no" / "such"))
    assert numbers(planned) == (0, 6, 6, 0)
    assert (planned.combinations, planned.samples) == (6, 6)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_empty_stays_so(tmp_path: Path) -> None:
    assert numbers(plan(job(tmp_path))) == (0, 6, 6, 0)
    assert list(tmp_path.iterdir()) == []


def test_the_limit_is_what_is_wanted_in_all(tmp_path: Path) -> None:
    planned = plan(job(tmp_path, combinations={"limit": 4, "repeats": 2}))
    assert (planned.combinations, planned.samples) == (6, 4)
    assert numbers(planned) == (0, 4, 4, 0)


async def test_what_is_there_is_reused_and_nothing_is_changed_by_looking(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, combinations={"limit": 4}))
    before = contents(tmp_path)
    assert numbers(plan(job(tmp_path))) == (4, 2, 2, 0)
    assert numbers(plan(job(tmp_path, combinations={"limit": 4}))) == (4, 0, 0, 0)
    assert contents(tmp_path) == before


async def test_samples_that_ask_the_same_are_counted_apart_from_requests_today_and_the_next_time(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    alike: dict[str, Any] = {
        "axes": {"genre": ["horror", "Horror", "HORROR", "romance"]},
        "prompt": {"request": "{{ genre | lower }}"},
    }
    alike["record"] = {"prompt": "{{ genre }}"}
    planned = plan(job(tmp_path, **alike))
    assert numbers(planned) == (0, 4, 2, 0)
    assert "make:   4 samples, by 2 requests: some ask exactly the same and share an answer" in str(planned)
    limited = alike | {"combinations": {"limit": 1}}
    expected = numbers(plan(job(tmp_path, **limited)))
    assert expected[2] == 1
    async with simulator() as provider:
        outcome = await run(job(tmp_path, provider.base_url, **limited))
        assert outcome.records == expected[1]
        assert provider.provider.stats.totals()["calls"] == 1
    assert numbers(plan(job(tmp_path, **limited))) == (expected[1], 0, 0, 0)


async def test_a_changed_recipe_says_what_changed_and_what_it_leaves_behind(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
    planned = plan(job(tmp_path, prompt={"request": "{{ uuid }} Another {{ mood }} {{ genre }} plot."}))
    assert numbers(planned) == (0, 6, 6, 6)
    told = str(planned)
    assert "The recipe has changed; 6 paid answers would be left behind:" in told
    assert "prompt.request" in told
    assert told.endswith("nothing was sent.")


async def test_a_dropped_value_leaves_answers_behind_and_nothing_to_buy(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
    planned = plan(job(tmp_path, axes={"genre": GENRES[:2], "mood": ["calm", "angry"]}))
    assert numbers(planned) == (4, 0, 0, 2)
    assert planned.changes == ()
    assert "reuse 4, make 0, 2 no longer in the recipe" in str(planned)


async def test_dead_letters_are_named_beside_what_is_there(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator(fault_shares={"content_filter": 1.0}) as provider:
        await run(job(tmp_path, provider.base_url, combinations={"limit": 2}))
    planned = plan(job(tmp_path))
    assert (planned.inventory.dead, planned.inventory.to_make) == (2, 4)
    assert "reuse 0, make 4, 0 no longer in the recipe, 2 dead letters from before" in str(planned)
