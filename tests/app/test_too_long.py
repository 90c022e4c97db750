"""Rows that are too long for the model: told by the plan, and given up without a call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.plan import plan
from tests.app.jobs import job
from tests.app.test_steps import Model, made

ONE = {"prompt": {"request": "{{ uuid }} {{ mood }}: {{ page.text }}"}, "record": {"prompt": ""}}
LATER = {
    "prompt": None,
    "steps": {
        "title": {"request": "{{ uuid }} {{ mood }} title of {{ page.name }}"},
        "summary": {"request": "{{ title }}: {{ page.text }}"},
    },
    "record": {"prompt": "", "completion": "{{ summary }}"},
}
TOLD = (
    "1 row of docs is too long for the context of 100 tokens, like {folder}/long.txt, whose request has about {tokens}"
    ": such requests are not sent, and their samples become dead letters"
)


def of_documents(folder: Path, **over: Any) -> Any:
    """Three documents of 2, 60 and 250 tokens; two moods."""
    (folder / "docs").mkdir(exist_ok=True)
    for name, size in (("short", 8), ("fits", 240), ("long", 1000)):
        (folder / "docs" / f"{name}.txt").write_text("x" * size)
    axes = {"page": {"rows": str(folder / "docs")}, "mood": ["calm", "angry"]}
    return job(folder / "out", **{"axes": axes, "endpoint__context": 100, **ONE, **over})


@pytest.mark.parametrize(("steps", "tokens", "calls"), [(ONE, 261, 4), (LATER, 250, 10)])
async def test_a_row_that_is_longer_than_the_context_is_told_and_given_up_without_its_call(
    tmp_path: Path, steps: dict[str, Any], tokens: int, calls: int
) -> None:
    given, model = of_documents(tmp_path, **steps), Model()
    (note,) = plan(given).notes
    assert note == TOLD.format(folder=tmp_path / "docs", tokens=tokens)
    outcome = await made(given, model)
    assert (outcome.records, outcome.failures, len(model.asked)) == (4, 2, calls)
    assert not [request for request in model.asked if len(request.text) > 400]
    failures = [json.loads(line) for line in (tmp_path / "out" / "failures.jsonl").read_bytes().splitlines()]
    assert {(line["reason"], line["combination"]["page"]["name"]) for line in failures} == {
        ("context_length", "long.txt")
    }
    again = Model()
    await made(given, again)
    assert again.asked == []


@pytest.mark.parametrize("context", [None, 300])
def test_where_all_rows_fit_or_nothing_is_known_of_the_model_nothing_is_told(
    tmp_path: Path, context: int | None
) -> None:
    assert plan(of_documents(tmp_path, endpoint__context=context)).notes == ()


async def test_another_endpoint_that_has_room_for_it_makes_it(tmp_path: Path) -> None:
    both = {"prompt": {**ONE["prompt"], "endpoint": ["small", "large"]}}
    named = {"small": {"requests_per_minute": 100_000}, "large": {"context": 300}}
    given, model = of_documents(tmp_path, endpoints=named, **both), Model()
    assert plan(given).notes == ()
    assert (await made(given, model)).records == 6
