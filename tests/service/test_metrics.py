"""What Prometheus reads is what `status` says."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from asyncsynth.app.status import status
from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory
from tests.service.conftest import Serving


async def samples_of(serving: Serving) -> list[Sample]:
    async with serving() as client, client.session.get(f"{client.url}metrics", headers=client.headers) as reply:
        text = await reply.text()
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


async def test_each_figure_of_a_run_is_that_of_its_manifest(serving: Serving, made: Path) -> None:
    samples = await samples_of(serving)
    told = {sample.name.removeprefix("asyncsynth_"): sample.value for sample in samples}
    there = status(made)
    assert told == {
        "working": 0, "records": 6, "failures": 0, "in_flight": 0, "calls_total": there.totals.calls,
        "prompt_tokens_total": there.totals.prompt_tokens, "completion_tokens_total": there.totals.completion_tokens,
        "cost_usd_total": pytest.approx(there.totals.picodollars / 1e12), "possible_usd_total": 0,
    }  # fmt: skip
    assert {sample.labels["directory"] for sample in samples} == {"runs/theirs"}


async def test_what_became_of_the_answers_of_a_step_is_what_status_says(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    directory = root / "runs" / "gated"
    gated = {"request": "{{ uuid }} {{ genre }} {{ mood }}", "gates": {"words": {"min": 60}}, "retry": 1}
    async with simulator(fault_shares={"fragment": 0.5}) as simulated:
        await run(job(directory, simulated.base_url, combinations={"repeats": 4}, prompt=gated))
    funnel = status(directory).funnel
    assert funnel is not None
    (step, figures), *_ = funnel.items()
    told = {sample.name: sample.value for sample in await samples_of(serving) if sample.labels.get("step") == step}
    assert told == {
        "asyncsynth_step_answers": figures.answers,
        "asyncsynth_step_rejected": figures.rejected["words"],
        "asyncsynth_step_given_up": figures.given_up,
    }
    assert 0 < figures.rejected["words"] < figures.answers
