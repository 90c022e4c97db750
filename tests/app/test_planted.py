"""A model that misbehaves by known shares, over HTTP: what is rejected is what was planted, and all of it is paid."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from asyncsynth.app.run import Outcome
from asyncsynth.costs import Price
from asyncsynth.servers.simulator.misbehaved import FRAGMENT_WORDS, REFUSALS, SAME_TEXT
from asyncsynth.servers.simulator.stats import Stats
from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory

RETRY = 2
PLANTED: dict[str, dict[str, float]] = {
    "outline": {"cut_short": 0.1, "wrong_type": 0.1, "fenced": 0.1, "prose_around": 0.1},
    "story": {"refuses_in_words": 0.1, "fragment": 0.1, "same_again": 0.1},
    "verdict": {"low_grades": 0.2, "wrong_type": 0.25, "high_grades": 0.55},
}
STEPS: dict[str, dict[str, Any]] = {
    "outline": {
        "request": "{{ uuid }} Outline of a {{ mood }} {{ genre }}.",
        "schema": {"title": "string", "acts": ["string"]},
    },
    "story": {
        "request": "{{ uuid }} Expand: {{ outline.title }}: {{ outline.acts | join(' ') }}",
        "gates": {"refusal": True, "words": {"min": FRAGMENT_WORDS + 1}, "duplicate": 0.9},
    },
    "verdict": {
        "judge": "story",
        "rubric": {"detail": {"5": "Rich.", "1": "Bare."}},
        "keep": "detail >= 4",
    },
}
RECORD = {"prompt": "{{ outline.title }}", "completion": "{{ story }}"}


class Made(NamedTuple):
    """What a run left, and what the provider of each step counted."""

    outcome: Outcome
    stats: dict[str, Stats]
    answers: list[dict[str, Any]]
    records: list[dict[str, Any]]
    dead: Counter[str]  # by reason

    def planted(self, step: str, *kinds: str) -> int:
        """Answers of a step that were spoilt in these ways."""
        return sum(self.stats[step].faults[kind] for kind in kinds)


async def made(simulator: SimulatorFactory, directory: Path, repeats: int) -> Made:
    """A run in which each step has a provider of its own."""
    settings: dict[str, Any] = {"completion_tokens": 40, "completion_sigma": 0.0, "price": Price(1_000_000, 2_000_000)}
    async with (
        simulator(fault_shares=PLANTED["outline"], seed=1, **settings) as outline,
        simulator(fault_shares=PLANTED["story"], seed=2, **settings) as story,
        simulator(fault_shares=PLANTED["verdict"], seed=3, **settings) as verdict,
    ):
        providers = {"outline": outline, "story": story, "verdict": verdict}
        steps = {name: {**step, "endpoint": name, "retry": RETRY} for name, step in STEPS.items()}
        endpoints = {name: {"base_url": provider.base_url} for name, provider in providers.items()}
        outcome = await run(
            job(
                directory,
                outline.base_url,
                prompt=None,
                steps=steps,
                endpoints=endpoints,
                record=RECORD,
                combinations={"repeats": repeats},
                endpoint__parameters={"max_tokens": 400},
                limits={"concurrency": 8},
            )
        )
        stats = {name: provider.provider.stats for name, provider in providers.items()}
    answers, records, failures = (lines(directory / f"{name}.jsonl") for name in ("answers", "records", "failures"))
    return Made(outcome, stats, answers, records, Counter(failure["reason"] for failure in failures))


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("repeats", [15, pytest.param(500, marks=pytest.mark.slow)])
async def test_what_is_rejected_is_what_was_planted(
    repeats: int, simulator: SimulatorFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    samples, run_of = 6 * repeats, await made(simulator, tmp_path, repeats)
    takes_and_ends_add_up(run_of, samples)
    shares_are_as_planted(run_of)
    money_adds_up_to_the_picodollar(run_of)
    nothing_rejected_is_in_a_record(run_of)


def takes_and_ends_add_up(run_of: Made, samples: int) -> None:
    """Exactly, whatever the order: a step is asked what came to it, and what was rejected and had a take left."""
    asked, dead = Counter(answer["step"] for answer in run_of.answers), run_of.dead
    no_json = run_of.planted("outline", "cut_short", "wrong_type")
    poor = run_of.planted("story", "refuses_in_words", "fragment") + run_of.planted("story", "same_again") - 1
    unscored, low = run_of.planted("verdict", "wrong_type"), run_of.planted("verdict", "low_grades")
    assert run_of.outcome.records == len(run_of.records) == samples - dead.total()
    assert set(dead) <= {"schema", "refusal", "words", "duplicate", "verdict", "unscored"}
    assert asked["outline"] == samples + no_json - dead["schema"]
    dead_stories = dead["refusal"] + dead["words"] + dead["duplicate"] + dead["verdict"]
    assert asked["story"] == samples - dead["schema"] + poor + low - dead_stories
    assert asked["verdict"] == asked["story"] - poor + unscored - dead["unscored"], "unscored is no grade"
    assert len(run_of.records) == asked["verdict"] - unscored - low
    assert dead["unscored"] > 0


def shares_are_as_planted(run_of: Made) -> None:
    """Within four deviations of a draw."""
    for step, kinds in PLANTED.items():
        stats = run_of.stats[step]
        assert stats.answered == stats.calls
        for kind, share in kinds.items():
            deviation = (stats.calls * share * (1 - share)) ** 0.5
            assert abs(stats.faults[kind] - stats.calls * share) < 4 * deviation


def money_adds_up_to_the_picodollar(run_of: Made) -> None:
    billed = sum(stats.picodollars or 0 for stats in run_of.stats.values())
    assert run_of.outcome.totals.paid.picodollars == billed
    assert round(sum(answer["cost_usd"] for answer in run_of.answers) * 1e12) == billed
    assert run_of.outcome.totals.uncertain.calls == 0
    assert len(run_of.answers) == sum(stats.billed for stats in run_of.stats.values())


def nothing_rejected_is_in_a_record(run_of: Made) -> None:
    stories = Counter(record["completion"] for record in run_of.records)
    assert not stories.keys() & set(REFUSALS)
    assert stories.pop(SAME_TEXT, 0) <= 1
    assert set(stories.values()) == {1}
    assert all(len(story.split()) > FRAGMENT_WORDS for story in stories)
    for record in run_of.records:
        assert record["steps"]["verdict"]["scores"]["detail"] == 5
        assert record["steps"]["outline"]["value"]["title"] == record["prompt"]
    flags = Counter(flag for record in run_of.records for flag in record["steps"]["outline"]["flags"])
    assert set(flags) == {"fenced", "prose_around_json"}
