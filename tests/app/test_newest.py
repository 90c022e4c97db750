"""What the newest answers are like is told of those that were taken, at the end of a run and afterwards alike."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.app.newest import newest
from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory


async def test_what_gates_rejected_counts_for_no_figure_of_the_newest_answers(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator(fault_shares={"refuses_in_words": 0.2}) as simulated:
        prompt = {"request": "{{ uuid }} A {{ mood }} {{ genre }} plot.", "gates": {"refusal": True}, "retry": 1}
        outcome = await run(job(tmp_path, simulated.base_url, prompt=prompt, combinations={"repeats": 20}))
    found = newest(tmp_path)
    assert found is not None
    assert simulated.provider.stats.faults["refuses_in_words"] > 0
    assert (found.refusals, found.collapse.texts) == (0, outcome.records)
