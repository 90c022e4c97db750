"""What Prometheus reads is what `status` says."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from asyncsynth.app.status import status
from tests.service.conftest import Serving


async def test_each_figure_of_a_run_is_that_of_its_manifest(serving: Serving, made: Path) -> None:
    async with serving() as client, client.session.get(f"{client.url}metrics", headers=client.headers) as reply:
        text = await reply.text()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    told = {sample.name.removeprefix("asyncsynth_"): sample.value for sample in samples}
    there = status(made)
    assert told == {
        "working": 0, "records": 6, "failures": 0, "in_flight": 0, "calls_total": there.totals.calls,
        "prompt_tokens_total": there.totals.prompt_tokens, "completion_tokens_total": there.totals.completion_tokens,
        "cost_usd_total": pytest.approx(there.totals.picodollars / 1e12), "possible_usd_total": 0,
    }  # fmt: skip
    assert {sample.labels["directory"] for sample in samples} == {"runs/theirs"}
