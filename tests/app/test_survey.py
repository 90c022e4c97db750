"""What is in a directory, as the reader's page is given it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asyncsynth.app.drop import Selection, drop
from asyncsynth.app.survey import Wanted, survey
from asyncsynth.outputs.survey.values import survey_object
from asyncsynth.store.encoding import encode
from asyncsynth.values import Request
from tests.app.jobs import REQUEST, job, run
from tests.app.test_steps import GOOD, OUTLINE, STORY, VERDICT, WEAK, Model, by_name, work
from tests.app.test_steps import made as made_by
from tests.conftest import SimulatorFactory


@pytest.fixture
async def made(simulator: SimulatorFactory, tmp_path: Path) -> Path:
    """A directory with the six samples."""
    async with simulator() as provider:
        await run(job(tmp_path / "made", provider.base_url))
    return tmp_path / "made"


def test_the_figures_are_those_of_the_directory(made: Path) -> None:
    found = survey(made, Wanted(recipe=job(made).recipe, cap_usd=5.0))
    assert (found.progress.records, found.progress.failures, found.progress.wanted) == (6, 0, 6)
    assert (found.money.calls, found.money.cap_usd) == (6, 5.0)
    assert [pair.records for pair in found.found.pairs] == [((1, 1), (1, 1), (1, 1))]
    assert sum(each.texts for each in found.found.lengths.bins) == 6 if found.found.lengths else False


async def test_without_a_config_as_many_are_wanted_as_the_newest_run_wanted(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, combinations__limit=4))
        retried = job(tmp_path, provider.base_url, combinations__limit=2)
        assert (
            survey(tmp_path).progress.wanted
            == survey(tmp_path, Wanted(recipe=job(tmp_path, combinations__limit=4).recipe)).progress.wanted
            == 4
        )
        await run(retried)
    assert survey(tmp_path).progress.wanted == 4, "the records beyond a lowered limit stay"


async def test_of_a_recipe_that_goes_on_until_so_many_are_accepted_those_are_wanted(tmp_path: Path) -> None:
    gated = {"request": REQUEST, "keep": "completion != 'no'"}
    given = job(tmp_path, prompt=gated, combinations__accepted=2)
    await made_by(given, Model(lambda request: "no" if "calm" in request.text else "yes"))
    for wanted in (Wanted(), Wanted(recipe=given.recipe)):
        progress = survey(tmp_path, wanted).progress
        assert (progress.records, progress.wanted) == (2, 2)


def test_each_sample_has_its_request_and_its_texts(made: Path) -> None:
    records = {line["key"]: line for line in map(json.loads, (made / "records.jsonl").read_bytes().splitlines())}
    samples = survey(made).samples  # by the newest run's recipe
    assert {sample["key"] for sample in samples} == records.keys()
    for sample in samples:
        record = records[sample["key"]]
        assert dict(sample["fields"]) == {"prompt": record["prompt"], "completion": record["completion"]}
        assert f" A {record['combination']['mood']} {record['combination']['genre']} plot." in sample["request"]


async def test_each_step_of_a_sample_has_the_very_request_that_was_sent(tmp_path: Path) -> None:
    def says(request: Request) -> str:
        if request.step == "verdict":
            return json.dumps(WEAK if "story 0" in request.text else GOOD)
        return f"Title: {by_name(request)}"

    model = Model(says)
    outline, story = {**OUTLINE, "clean": ["^Title: "]}, {**STORY, "retry": 1, "system": "Be brief."}
    given = work(tmp_path, steps={"outline": outline, "story": story, "verdict": VERDICT})
    await made_by(given, model)
    sent = {(request.step, request.text, request.system) for request in model.asked}
    samples = survey(tmp_path).samples  # by the newest run's recipe
    assert len(samples) == 6
    for sample in samples:
        told = {step["name"]: step for step in sample["steps"]}
        assert {(name, step["request"], step["system"]) for name, step in told.items()} <= sent
        assert (told["outline"]["take"], told["story"]["take"], sample["request"]) == (0, 1, None)


async def test_a_gated_step_alone_has_its_request_whichever_take_it_is(tmp_path: Path) -> None:
    given = job(tmp_path, prompt={"request": REQUEST, "keep": "completion != 'no'", "retry": 2})
    model = Model(lambda request: "yes" if request.take == 2 and "calm" in request.text else "no")
    await made_by(given, model)
    sent = {request.text for request in model.asked if request.take == 2}
    assert {sample["request"] for sample in survey(tmp_path).samples} == sent


async def test_a_dead_letter_shows_the_rejected_answer_and_what_was_sent_for_it(tmp_path: Path) -> None:
    model = Model(lambda request: f"{request.step} {by_name(request)}")
    gated = {**STORY, "gates": {"words": {"min": 100}}}
    await made_by(work(tmp_path, steps={"story": gated}), model)
    sent = {request.text for request in model.asked}
    samples = survey(tmp_path).samples
    assert [(sample["kind"], sample["step"], sample["reason"]) for sample in samples] == [
        ("failure", "story", "words")
    ] * 6
    for sample in samples:
        outline, story = sample["steps"]
        assert sample["fields"] == [["rejected answer", story["text"]]]
        assert (outline["name"], outline["text"].split()[0], story["text"].split()[0]) == (
            "outline",
            "outline",
            "story",
        )
        assert {outline["request"], story["request"]} <= sent


def test_what_was_dropped_is_not_shown_and_its_money_is(made: Path) -> None:
    drop(made, Selection(where=(("mood", "calm"),)))
    found = survey(made)
    assert (found.progress.records, len(found.samples), found.money.dropped_calls) == (3, 3, 3)


def test_failures_are_the_first_samples(made: Path) -> None:
    failure = {"key": "f" * 32, "combination": {"genre": "horror", "mood": "calm"}, "repeat": 0, "reason": "refusal"}
    (made / "failures.jsonl").write_bytes(
        encode({**failure, "message": "I won't", "attempts": 2, "status": 200}) + b"{torn"
    )
    found = survey(made)
    assert [(sample["kind"], sample.get("reason")) for sample in found.samples[:2]] == [
        ("failure", "refusal"),
        ("record", None),
    ]
    assert found.verdict.next == "asyncsynth retry && asyncsynth run"


def test_a_directory_that_is_not_there_is_empty_and_stays_so(tmp_path: Path) -> None:
    found = survey(tmp_path / "none")
    assert (found.verdict.state, found.samples, found.alike) == ("empty", (), None)
    assert not (tmp_path / "none").exists()


def test_no_more_samples_than_are_asked_for(made: Path) -> None:
    assert len(survey(made, Wanted(samples=4)).samples) == 4


def test_all_of_it_is_json(made: Path) -> None:
    told = json.loads(encode(survey_object(survey(made))))
    assert (told["schema"], told["progress"]["records"], len(told["samples"])) == (1, 6, 6)
    assert {"axes", "pairs", "openings", "lengths", "costs", "failures", "verdict", "funnel"} <= told.keys()
