"""Structured answers and judges through whole runs over HTTP, by a model that misbehaves by a known share."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from asyncsynth.costs import Price
from asyncsynth.errors import ConfigError
from asyncsynth.values import Api
from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory

STEPS: dict[str, Any] = {
    "story": {
        "request": "{{ uuid }} A {{ mood }} {{ genre }} story.",
        "schema": {"title": "string", "acts": ["string"]},
        "retry": 20,
    },
    "verdict": {
        "judge": "story",
        "request": "{{ story.title }}: {{ story.acts | join(' ') }}",
        "rubric": {"detail": {"5": "Rich.", "1": "Bare."}},
        "keep": "detail >= 4",
        "retry": 20,
    },
}
RECORD = {"prompt": "{{ genre }}", "completion": "{{ story.title }}"}
MISBEHAVES = {"wrong_type": 0.1, "cut_short": 0.1, "fenced": 0.1, "prose_around": 0.1}


def lines(directory: Path, name: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (directory / name).read_bytes().splitlines()]


@pytest.mark.parametrize("api", ["chat", "anthropic", "completions"])
async def test_only_what_fits_becomes_a_record_and_all_is_on_the_bill(
    api: Api, simulator: SimulatorFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an API has no place for a schema, the simulator answers with plain text, and nothing becomes a record."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings: dict[str, Any] = {"seed": 1, "fault_shares": MISBEHAVES, "price": Price(1_000_000, 2_000_000)}
    retry = {name: {**step, "retry": 1 if api == "completions" else step["retry"]} for name, step in STEPS.items()}
    async with simulator(latency_s=0.0, completion_tokens=40, **settings) as provider:
        outcome = await run(
            job(
                tmp_path,
                provider.base_url,
                prompt=None,
                steps=retry,
                record=RECORD,
                combinations={"repeats": 5},
                endpoint__api=api,
                endpoint__parameters={"max_tokens": 400},
            )
        )
        stats = provider.provider.stats
    assert outcome.totals.paid.picodollars == stats.picodollars
    assert (outcome.totals.uncertain.picodollars, outcome.records + outcome.failures) == (0, 30)
    answers = lines(tmp_path, "answers.jsonl")
    assert len(answers) == stats.billed
    if api == "completions":
        assert outcome.records == 0
        assert {line["reason"] for line in lines(tmp_path, "failures.jsonl")} == {"schema"}
        return
    assert outcome.records == 30
    for record in lines(tmp_path, "records.jsonl"):
        assert record["completion"].startswith("[simulated] ")
        assert record["steps"]["verdict"]["scores"]["detail"] in (4, 5)
    taken = Counter(flag for record in lines(tmp_path, "records.jsonl") for flag in record["steps"]["story"]["flags"])
    assert set(taken) == {"fenced", "prose_around_json"}


async def test_a_service_that_takes_no_schema_is_told_it_in_words(
    simulator: SimulatorFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    async with simulator(latency_s=0.0) as provider:
        work = job(
            tmp_path,
            provider.base_url,
            prompt=None,
            steps={"story": {**STEPS["story"], "retry": 0}},
            record=RECORD,
            axes={"genre": ["horror"], "mood": ["calm"]},
            endpoint__schemas="none",
            output__raw_log=True,
        )
        await run(work)
    (raw,) = lines(tmp_path, "raw.jsonl")
    system = raw["request"]["messages"][0]
    assert system["role"] == "system"
    assert json.loads(system["content"].partition("\n\n")[2])["required"] == ["title", "acts"]
    assert "response_format" not in raw["request"]


def test_a_parameter_that_says_another_form_is_a_mistake(tmp_path: Path) -> None:
    parameters = {"max_tokens": 9, "response_format": {"type": "json_object"}}
    with pytest.raises(ConfigError, match=r"endpoint\.parameters: response_format can't be set: steps\.story has a"):
        job(tmp_path, prompt=None, steps=STEPS, record=RECORD, endpoint__parameters=parameters)
    job(tmp_path, prompt=None, steps=STEPS, record=RECORD, endpoint__parameters=parameters, endpoint__schemas="none")
