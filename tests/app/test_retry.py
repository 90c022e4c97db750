"""Dead letters that are cleared: the next run tries their samples again."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.app.retry import retry
from asyncsynth.app.status import status
from asyncsynth.errors import UsageError
from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory


@pytest.fixture
async def refused(simulator: SimulatorFactory, tmp_path: Path) -> Path:
    """A directory whose six samples were given up for two reasons."""
    directory = tmp_path / "refused"
    async with simulator(fault_shares={"content_filter": 1.0}) as provider:
        await run(job(directory, provider.base_url, combinations={"limit": 4}))
    async with simulator(fault_shares={"refusal": 1.0}) as provider:
        await run(job(directory, provider.base_url))
    assert status(directory).totals.failures == {"content_filter": 4, "refusal": 2}
    return directory


async def test_what_is_cleared_is_asked_again_and_what_is_not_stays(refused: Path, simulator: SimulatorFactory) -> None:
    assert retry(refused, ["refusal"]) == 2
    assert status(refused).failures == 4
    async with simulator() as provider:
        outcome = await run(job(refused, provider.base_url))
        assert (outcome.tally.calls, outcome.records, outcome.failures) == (2, 2, 4)
        assert retry(refused) == 4
        outcome = await run(job(refused, provider.base_url))
        assert (outcome.tally.calls, outcome.records, outcome.failures) == (4, 6, 0)
    assert retry(refused) == 0


def test_a_reason_that_no_dead_letter_has_is_told_with_the_nearest_one(refused: Path) -> None:
    with pytest.raises(UsageError, match="no dead letter has this reason; did you mean refusal") as refusal:
        retry(refused, ["refusl"])
    assert refusal.value.hint == "reasons there are: content_filter, refusal"
    assert status(refused).failures == 6


def test_a_directory_without_dead_letters_is_left_as_it_is(tmp_path: Path) -> None:
    assert retry(tmp_path / "no") == 0
    with pytest.raises(UsageError, match="reason"):
        retry(tmp_path / "no", ["refusal"])
    assert list(tmp_path.iterdir()) == []


async def test_what_an_endpoint_and_what_a_gate_gave_up_on_goes_at_once(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    sections = {"prompt": {"request": "{{ uuid }} {{ genre }} {{ mood }}", "gates": {"words": {"min": 10_000}}}}
    async with simulator(fault_shares={"null_content": 0.5}) as provider:
        await run(job(tmp_path, provider.base_url, combinations={"repeats": 4}, **sections))
    before = status(tmp_path)
    by_endpoint, by_gate = before.totals.dead, sum(before.rejected.values())
    assert by_endpoint + by_gate == before.failures == 24
    assert by_endpoint
    assert by_gate
    assert retry(tmp_path) == 24
    after = status(tmp_path)
    assert (after.totals.dead, dict(after.rejected), after.failures) == (0, {}, 0)
