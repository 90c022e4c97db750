"""Promise 1 with recipes of several steps: kill -9 between and within steps; no answer is bought twice."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import House, Provider
from tests.promises.conftest import calls_lost, intact, whole_lines
from tests.promises.test_kills import kill_at_random

Options = Callable[..., list[str]]
Start = Callable[..., Provider]

SLOTS, LATENCY_S = 8, 0.03
RECIPE = """
[axes]
genre = ["horror", "mystery", "romance", "western"]
place = ["India", "Peru", "Wales", "Norway", "Japan"]
tone = ["calm", "angry"]
[combinations]
repeats = REPEATS
[steps.outline]
request = "{{ uuid }} An outline of a {{ genre }} story in {{ place }}."
[steps.story]
request = "{{ uuid }} Expand this, in a {{ tone }} tone: {{ outline }}"
gates = { words = { min = 30 } }
retry = 1
[steps.title]
request = "{{ uuid }} A title for this: {{ story }}"
[record]
prompt = "{{ genre }}, {{ place }}, {{ tone }}: {{ title }}"
completion = "{{ story }}"
"""


def never_twice(house: House, simulated: Provider, options: list[str], *, kills: int, repeats: int) -> None:
    """Outlines are shared by two samples each, some stories are rejected once."""
    path = house.folder / "steps.toml"
    path.write_text(RECIPE.replace("REPEATS", str(repeats)), encoding="utf-8")
    arguments = ["run", "--config", "steps.toml", "--concurrency", str(SLOTS), *options]
    rng, samples = random.Random(kills), 40 * repeats
    points = [rng.randrange(samples * 5 // 2 - 10) for _ in range(kills)]
    assert kill_at_random(house, arguments, rng, points, LATENCY_S) == kills
    last = house.run(*arguments)
    assert last.returncode in (0, 1), last.stderr
    check_end(house.folder / "out", simulated, lost=len(calls_lost(house.manifest())), samples=samples)


def check_end(directory: Path, simulated: Provider, *, lost: int, samples: int) -> None:
    keys = intact(directory)
    records, failures = whole_lines(directory / "records.jsonl"), whole_lines(directory / "failures.jsonl")
    assert len(records) + len(failures) == samples
    assert {failure["reason"] for failure in failures} <= {"words"}
    assert all(len(record["completion"].split()) >= 30 for record in records), "a rejected text is in no record"
    steps = Counter(answer["step"] for answer in whole_lines(directory / "answers.jsonl"))
    assert steps["outline"] == samples // 2, "an outline that two samples need is bought once"
    assert steps["title"] == len(records)
    billed = [json.loads(line) for line in simulated.ledger.read_text().splitlines()]
    assert len(billed) - len(keys) <= lost, "what was paid and is not there is listed as lost"
    for record in records:
        assert {answer["key"] for answer in record["steps"].values()} <= set(keys)


def test_6_kills_within_three_steps_buy_nothing_twice(house: House, provider: Start, options: Options) -> None:
    simulated = provider("--latency", str(LATENCY_S))
    never_twice(house, simulated, options(simulated), kills=6, repeats=3)


@pytest.mark.slow
def test_40_kills_within_three_steps_buy_nothing_twice(house: House, provider: Start, options: Options) -> None:
    simulated = provider("--latency", str(LATENCY_S))
    never_twice(house, simulated, options(simulated), kills=40, repeats=20)
