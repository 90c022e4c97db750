"""A changed recipe is refused where paid answers would be left behind and others bought, at the cost that arises."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.changes import changes_since, recipe_before
from asyncsynth.app.status import status
from asyncsynth.errors import RecipeChanged
from asyncsynth.store.store import open_store
from tests.app.jobs import GENRES, MOODS, job, run
from tests.conftest import SimulatorFactory

OTHER_REQUEST = {"prompt": {"request": "{{ uuid }} Another {{ mood }} {{ genre }} plot."}}
SAME_REQUEST = "{{ uuid }} A {{ tone }} {{ kind }} plot."  # of axes with other names


async def refused(work: Any) -> str:
    with pytest.raises(RecipeChanged) as refusal:
        await run(work)
    assert refusal.value.hint.startswith("--accept-changes goes on")
    return refusal.value.message


async def test_a_refusal_names_the_change_what_is_left_and_what_is_bought_and_sends_nothing(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
        changed = job(tmp_path, provider.base_url, **OTHER_REQUEST)
        message = await refused(changed)
        assert "prompt.request" in message
        assert "6 paid answers would be left behind (nothing is deleted), and 6 others bought, for about $" in message
        assert provider.provider.stats.totals()["calls"] == 6
        await run(changed, accept_changes=True)
        assert provider.provider.stats.totals()["calls"] == 12
        assert (await run(changed)).tally.calls == 0, "accepted once, it is the recipe"


async def test_the_cost_that_is_named_is_the_cost_that_arises(simulator: SimulatorFactory, tmp_path: Path) -> None:
    """To the number of calls, and about to the money: answers are taken to be as long as those that are there."""
    async with simulator(completion_sigma=0.0) as provider:
        await run(job(tmp_path, provider.base_url, combinations={"repeats": 10}))
        changed = job(tmp_path, provider.base_url, combinations={"repeats": 10}, **OTHER_REQUEST)
        message = await refused(changed)
        (named,) = re.findall(r"for about \$([0-9.]+)", message)
        before = status(tmp_path).totals.paid.picodollars
        await run(changed, accept_changes=True)
    paid = (status(tmp_path).totals.paid.picodollars - before) / 1e12
    assert float(named) == pytest.approx(paid, rel=0.15)


@pytest.mark.parametrize(
    "free",
    [
        {"record": {"prompt": "Another {{ genre }}: "}},
        {
            "axes": {"kind": GENRES, "tone": MOODS},
            "prompt": {"request": SAME_REQUEST},
            "record": {"prompt": "{{ kind }}"},
        },
        {"axes": {"genre": GENRES[:2], "mood": MOODS}},
        {"combinations": {"seed": 7}},
        {"limits": {"concurrency": 1}},
        {"axes": {"genre": GENRES[::-1], "mood": MOODS}},
    ],
    ids=["record", "names", "value dropped", "seed", "limits", "order of values"],
)
async def test_what_buys_nothing_is_no_question_and_sends_no_call(
    simulator: SimulatorFactory, tmp_path: Path, free: dict[str, Any]
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
        assert (await run(job(tmp_path, provider.base_url, **free))).tally.calls == 0
        fresh = tmp_path / "fresh"
        outcome = await run(job(fresh, provider.base_url, **free))
        assert provider.provider.stats.totals()["calls"] == 6 + outcome.tally.calls
    there, wanted = ((path / "records.jsonl").read_bytes() for path in (tmp_path, fresh))
    assert prompts(there) == prompts(wanted)


def prompts(records: bytes) -> list[str]:
    """What of each record does not depend on the answer."""
    return sorted(line.split(b'"completion"')[0].decode() for line in records.splitlines())


async def test_more_values_leave_nothing_behind_and_are_no_question(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
        more = job(tmp_path, provider.base_url, axes={"genre": [*GENRES, "western"], "mood": MOODS})
        assert (await run(more)).tally.calls == 2


@pytest.mark.parametrize(
    "moved",
    [
        {"combinations": {"limit": 4, "seed": 9}},
        {"combinations": {"limit": 4}, "axes": {"genre": [*GENRES, "western", "war"], "mood": MOODS}},
        {"combinations": {"limit": 4}, "axes": {"mood": MOODS, "genre": GENRES}},
    ],
    ids=["seed", "size", "order of axes"],
)
async def test_under_a_limit_what_is_there_and_belongs_counts_first_so_that_nothing_is_bought(
    simulator: SimulatorFactory, tmp_path: Path, moved: dict[str, Any]
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, combinations={"limit": 4}))
        outcome = await run(job(tmp_path, provider.base_url, **moved))
        assert (outcome.tally.calls, outcome.records) == (0, 4)


async def test_under_a_limit_a_dropped_value_that_is_filled_up_with_others_is_a_question(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, combinations={"limit": 4}))
        fewer = job(tmp_path, provider.base_url, combinations={"limit": 4}, axes={"genre": GENRES[:2], "mood": MOODS})
        message = await refused(fewer)
        left, bought = re.findall(r"(\d) paid answers? would be left.*, and (\d) others? bought", message)[0]
        assert left == bought
        outcome = await run(fewer, accept_changes=True)
        assert (outcome.tally.calls, outcome.records) == (int(bought), 4)


async def test_a_limit_that_grows_after_a_change_that_bought_nothing_is_a_question_too(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    """The views are of the changed recipe by then; the answers were paid for the one before."""
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, combinations={"limit": 4}))
        fewer = {"genre": GENRES[:2], "mood": MOODS}
        outcome = await run(job(tmp_path, provider.base_url, combinations={"limit": 1}, axes=fewer))
        assert outcome.tally.calls == 0
        grown = job(tmp_path, provider.base_url, axes=fewer)
        assert "would be left behind" in await refused(grown)
        await run(grown, accept_changes=True)


async def test_an_unknown_price_is_not_guessed(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, endpoint__price=None))
        message = await refused(job(tmp_path, provider.base_url, endpoint__price=None, **OTHER_REQUEST))
    assert message.endswith("and 6 others bought")


def test_the_recipe_before_is_none_where_it_is_this_one_or_there_was_none(tmp_path: Path) -> None:
    recipe, other = job(tmp_path).recipe, job(tmp_path, combinations={"seed": 3}).recipe
    store = open_store(tmp_path / "store", now=time.time)
    assert recipe_before(store, recipe) is None
    store.begin_run(recipe=recipe.fingerprint, order=recipe.order, facts=recipe.facts())
    assert recipe_before(store, recipe) is None
    store.begin_run(recipe=other.fingerprint, order=other.order, facts=other.facts())
    before = recipe_before(store, recipe)
    store.close()
    assert before is not None
    assert before.order == other.order
    assert changes_since(other.facts(), recipe) == ["combinations.seed: 3 -> 2022"]
