"""Answers that are taken out: those that are named and no others; what they cost stays on the bill."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.drop import Selection, drop, drop_stale
from asyncsynth.app.status import status
from asyncsynth.errors import UsageError
from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory


def records(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "records.jsonl").read_bytes().splitlines()]


@pytest.fixture
async def kept(simulator: SimulatorFactory, tmp_path: Path) -> Path:
    """A directory with the six samples."""
    directory = tmp_path / "kept"
    async with simulator() as provider:
        await run(job(directory, provider.base_url))
    return directory


def test_a_key_and_the_first_digits_of_one_name_an_answer(kept: Path) -> None:
    first, second = (record["key"] for record in records(kept)[:2])
    assert drop(kept, Selection((first, f" {second[:6].upper()} "))) == 2
    assert {first, second}.isdisjoint(record["key"] for record in records(kept))
    assert len(records(kept)) == 4


def test_answers_are_never_rewritten_and_their_money_stays_on_the_bill(kept: Path) -> None:
    paid, answers = status(kept).totals.paid, (kept / "answers.jsonl").read_bytes()
    assert drop(kept, Selection(where=(("mood", "calm"),))) == 3
    assert (kept / "answers.jsonl").read_bytes() == answers
    totals = status(kept).totals
    assert totals.paid == paid
    assert (totals.answers, totals.dropped.calls) == (3, 3)


async def test_the_next_run_asks_anew_under_another_uuid(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url))
        before = {record["key"]: record for record in records(tmp_path)}
        key = next(iter(before))
        drop(tmp_path, Selection((key,)))
        outcome = await run(job(tmp_path, provider.base_url))
        assert (outcome.tally.calls, outcome.records) == (1, 6)
    after = {record["key"]: record for record in records(tmp_path)}
    assert (after[key]["generation"], after[key]["run"]) == (1, 2)
    assert after[key]["completion"] != before[key]["completion"]
    assert all(after[other] == before[other] for other in before if other != key)


def test_a_dry_run_says_how_many_and_changes_nothing(kept: Path) -> None:
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    assert drop(kept, Selection(where=(("mood", "calm"),)), dry_run=True) == 3
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("foo", "'foo' is not a key"),
        ("", "'' is not a key"),
        ("0" * 33, "is not a key"),
        ("abc", "at least 4 digits"),
        ("f" * 32, "no answer has this key"),
        ("fffff", "no answer has this key"),
    ],
)
def test_what_names_no_answer_is_refused_and_nothing_is_dropped(kept: Path, given: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        drop(kept, Selection((records(kept)[0]["key"], given)))
    assert len(records(kept)) == 6


async def test_digits_that_several_keys_begin_with_are_refused(simulator: SimulatorFactory, tmp_path: Path) -> None:
    async with simulator() as provider:
        many = {"axes": {"n": list(range(600))}, "prompt": {"request": "{{ n }}"}, "record": {"prompt": "{{ n }}"}}
        await run(job(tmp_path, provider.base_url, limits={"concurrency": 64}, **many))
    keys = sorted(record["key"] for record in records(tmp_path))
    same = next(a[:4] for a, b in itertools.pairwise(keys) if a[:4] == b[:4])
    with pytest.raises(UsageError, match=f"{same}: 2 keys begin like that"):
        drop(tmp_path, Selection((same,)))


def test_all_conditions_must_hold(kept: Path) -> None:
    assert drop(kept, Selection(where=(("mood", "calm"), ("genre", "horror"))), dry_run=True) == 1
    assert drop(kept, Selection(where=(("mood", "calm"), ("mood", "angry"))), dry_run=True) == 0
    assert drop(kept, Selection(where=(("mood", "nobody"),)), dry_run=True) == 0


def test_a_value_that_no_record_has_is_told_with_the_nearest(kept: Path) -> None:
    with pytest.raises(UsageError, match="genre=horor: no record has this value; did you mean horror"):
        drop(kept, Selection(where=(("genre", "horor"),)))
    assert drop(kept, Selection(where=(("genre", "nothing like it"),))) == 0


def test_an_axis_that_is_not_there_is_told_with_the_nearest_name(kept: Path) -> None:
    with pytest.raises(UsageError, match="no axis genres; did you mean genre"):
        drop(kept, Selection(where=(("genres", "horror"),)))


async def test_values_are_written_as_in_the_config_and_tables_have_fields(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    place = [{"name": "India", "told": True, "year": 1990}, {"name": "Peru", "told": False, "year": 1991}]
    changed = {"axes": {"place": place, "n": [1, 2]}, "prompt": {"request": "{{ place.name }} {{ n }}"}}
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, record={"prompt": "{{ n }}"}, **changed))
    for axis, value in (("place.name", "India"), ("place.told", "true"), ("place.year", "1990"), ("n", "2")):
        assert drop(tmp_path, Selection(where=((axis, value),)), dry_run=True) == 2, axis
    with pytest.raises(UsageError, match="place has no field nme; did you mean name"):
        drop(tmp_path, Selection(where=(("place.nme", "India"),)), dry_run=True)


def test_a_text_is_looked_for_in_the_training_example_and_not_in_the_facts_beside_it(kept: Path) -> None:
    assert drop(kept, Selection(match="horror, "), dry_run=True) == 2
    record = records(kept)[0]
    part = record["completion"][5:40]
    assert drop(kept, Selection(match=part), dry_run=True) >= 1
    for fact in (record["key"][:8], record["model"], record["finish_reason"], record["created"][:4]):
        matching = [one for one in records(kept) if fact in one["prompt"] + one["completion"]]
        assert drop(kept, Selection(match=fact), dry_run=True) == len(matching), fact


async def test_a_text_is_found_in_the_turns_of_a_dialogue(simulator: SimulatorFactory, tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "A {{ genre }}?"}, {"role": "assistant", "content": "{{ completion }}"}]
    async with simulator() as provider:
        await run(job(tmp_path, provider.base_url, record={"messages": turns}))
    assert drop(tmp_path, Selection(match="A horror?"), dry_run=True) == 2


def test_lines_that_somebody_put_into_the_records_harm_nothing(kept: Path) -> None:
    with (kept / "records.jsonl").open("a") as file:
        file.write('{"key":"mine"}\n[1]\n{"key":"mine","combination":{"mood":"calm"}}\nno JSON\n{"combination":{}}\n')
    assert drop(kept, Selection(where=(("mood", "calm"),))) == 3


@pytest.mark.parametrize("selection", [Selection(where=(("mood", "calm"),)), Selection(match="x")])
def test_a_mistyped_directory_has_nothing_to_drop_and_is_not_made(tmp_path: Path, selection: Selection) -> None:
    assert drop(tmp_path / "no", selection) == 0
    with pytest.raises(UsageError, match="no answer has this key"):
        drop(tmp_path / "no", Selection(("0" * 32,)))
    assert list(tmp_path.iterdir()) == []


async def test_stale_answers_are_those_that_the_recipe_has_no_sample_for(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    async with simulator() as provider:
        whole, fewer = job(tmp_path, provider.base_url), {"genre": ["horror"], "mood": ["calm", "angry"]}
        await run(whole)
        now = job(tmp_path, provider.base_url, axes=fewer)
        assert drop_stale(whole) == 0
        assert drop_stale(now, dry_run=True) == 4
        assert status(tmp_path).totals.answers == 6
        assert drop_stale(now) == 4
        assert status(tmp_path).totals.answers == 2
        assert (await run(now)).tally.calls == 0
        assert drop_stale(job(tmp_path / "no", provider.base_url)) == 0
    assert not (tmp_path / "no").exists()


def test_what_a_file_marks_as_failed_is_dropped_and_nothing_else(kept: Path, tmp_path: Path) -> None:
    first, second, *_ = (record["key"] for record in records(kept))
    marks = tmp_path / "marks.jsonl"
    marked = [(first, "fail"), (second, "pass"), ("0" * 32, "fail")]
    marks.write_text("".join(f'{{"key": "{key}", "mark": "{mark}"}}\n' for key, mark in marked))
    assert drop(kept, Selection(marks=marks)) == 1
    assert first not in {record["key"] for record in records(kept)}
    assert drop(kept, Selection(marks=marks)) == 0  # it is dropped already
