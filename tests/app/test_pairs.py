"""Preference pairs: two answers to one request, two judges, and what is exported of the pairs that they tell apart."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from asyncsynth.app.export import Options, export
from asyncsynth.app.plan import plan
from asyncsynth.app.retry import retry
from asyncsynth.app.status import status
from asyncsynth.values import Request
from tests.app.jobs import job
from tests.app.test_steps import Model, lines, made

RUBRIC = {"score": {"5": "Rich.", "1": "Bare."}}
STEPS: dict[str, Any] = {
    "good": {"request": "{{ uuid }} A {{ mood }} {{ genre }} plot, in great detail."},
    "weak": {"request": "{{ uuid }} A {{ mood }} {{ genre }} plot.", "parameters": {"max_tokens": 50}},
    "a": {"judge": "good", "rubric": RUBRIC},
    "b": {"judge": "weak", "rubric": RUBRIC, "keep": "a.score - b.score >= 2"},
}
RECORD = {"prompt": "{{ genre }}, {{ mood }}:", "chosen": "{{ good }}", "rejected": "{{ weak }}"}


def says(request: Request) -> str:
    """Rich and bare plots; the first weak plot of each horror is as good as the good one."""
    genre = str(request.sample.combination["genre"])
    if request.step == "a":
        return json.dumps({"reason": "r", "score": 5})
    if request.step == "b":
        return json.dumps({"reason": "r", "score": 4 if "weak 0 horror" in request.text else 3})
    return f"{request.step} {request.take} {genre} {request.sample.key[:8]}"


async def test_pairs_are_kept_where_the_judges_tell_them_apart_and_exported_as_preferences(tmp_path: Path) -> None:
    kept, model = tmp_path / "kept", Model(says)
    steps = {**STEPS, "weak": {**STEPS["weak"], "retry": 1}}
    work = job(kept, prompt=None, steps=steps, record=RECORD)
    outcome = await made(work, model)
    assert (outcome.records, outcome.failures) == (6, 0)
    assert model.steps == {"good": 6, "weak": 8, "a": 6, "b": 8}
    records = lines(kept)
    takes = Counter(record["rejected"].rpartition(" ")[0] for record in records)
    assert takes == {"weak 1 horror": 2, "weak 0 romance": 2, "weak 0 mystery": 2}
    done = export(kept, Options("preference", tmp_path / "set"), recipe=work.recipe)
    assert (done.examples, done.left_out) == ({"train": 6}, {})
    rows = [json.loads(line) for line in (tmp_path / "set" / "train.jsonl").read_bytes().splitlines()]
    assert {tuple(row) for row in rows} == {("prompt", "chosen", "rejected")}
    pairs = {(row["prompt"].strip(), row["chosen"].strip(), row["rejected"].strip()) for row in rows}
    assert pairs == {(record["prompt"], record["chosen"], record["rejected"]) for record in records}
    assert all(row["chosen"].strip().startswith("good 0") for row in rows)


async def test_an_answer_that_is_dropped_leaves_what_was_made_beside_it(tmp_path: Path) -> None:
    kept, model = tmp_path / "kept", Model(says)
    work = job(kept, prompt=None, steps=STEPS, record=RECORD)
    await made(work, model)
    assert retry(kept) == 2
    found = plan(work).inventory
    assert (found.left, dict(found.by_step)) == (2, {"good": 0, "weak": 2, "a": 0, "b": 2})
    before = Counter(model.steps)
    await made(work, model)
    assert Counter(model.steps) - before == {"weak": 2, "b": 2}
    funnel = status(kept).funnel
    assert funnel is not None
    assert {step: figures.answers for step, figures in funnel.items()} == {"good": 6, "weak": 6, "a": 6, "b": 6}


async def test_a_pair_that_is_never_told_apart_is_no_record(tmp_path: Path) -> None:
    model = Model(says)
    outcome = await made(job(tmp_path, prompt=None, steps=STEPS, record=RECORD), model)
    assert (outcome.records, outcome.failures, outcome.rejected) == (4, 2, {"b": 2})
    assert not any("horror" in record["rejected"] for record in lines(tmp_path))
