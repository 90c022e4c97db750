"""Exports of real runs: what is there now, by the recipe as it is now, and the directory is only read."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.drop import Selection, drop
from asyncsynth.app.export import Exported, Options, export
from asyncsynth.errors import UsageError
from asyncsynth.outputs.formats import FORMATS
from asyncsynth.outputs.shares import shares_of
from tests.app.jobs import RECORD, job, run
from tests.conftest import SimulatorFactory


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def state_of(directory: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in directory.iterdir()}


@pytest.fixture
async def kept(simulator: SimulatorFactory, tmp_path: Path) -> Path:
    """A directory with the six samples."""
    directory = tmp_path / "kept"
    async with simulator() as provider:
        await run(job(directory, provider.base_url))
    return directory


def exported(kept: Path, form: str = "completions", to: str = "set", **options: Any) -> Exported:
    recipe = options.pop("recipe", None)
    return export(kept, Options(form, kept.parent / to, **options), recipe=recipe)


def test_every_record_is_an_example_and_blanks_begin_the_answer(kept: Path) -> None:
    done = exported(kept)
    assert (done.examples, done.left_out) == ({"train": 6}, {})
    records = rows(kept / "records.jsonl")
    expected = [{"prompt": each["prompt"][:-1], "completion": f" {each['completion']}"} for each in records]
    assert rows(kept.parent / "set" / "train.jsonl") == expected


def test_blanks_stay_where_that_is_wanted(kept: Path) -> None:
    exported(kept, keep_blanks=True, to="set.jsonl")
    records = rows(kept / "records.jsonl")
    names = ("prompt", "completion")
    assert rows(kept.parent / "set.jsonl") == [{name: each[name] for name in names} for each in records]


def test_the_directory_is_only_read(kept: Path) -> None:
    before = state_of(kept)
    exported(kept, "chat")
    assert state_of(kept) == before


def test_only_what_is_wanted_is_exported(kept: Path) -> None:
    done = exported(kept, where=(("mood", "calm"), 'genre in ["horror", "mystery"]'))
    assert (sum(done.examples.values()), dict(done.left_out)) == (2, {"not wanted by --where": 4})


def test_a_split_makes_a_file_for_each_part_and_none_for_an_empty_one(kept: Path) -> None:
    done = exported(kept, split=shares_of("train=0.5,validation=0.4999999,test=0.0000001"))
    assert sum(done.examples.values()) == 6
    assert "test" not in done.examples
    assert [name for name in done.entries if name.endswith("l")] == ["axolotl.yml", "train.jsonl", "validation.jsonl"]
    assert any("test has no example" in note for note in done.notes)
    for split in ("train", "validation"):
        assert len(rows(kept.parent / "set" / f"{split}.jsonl")) == done.examples[split]


def test_every_format_can_be_made_of_pairs_or_says_why_not(kept: Path) -> None:
    made = {}
    for form in FORMATS:
        with contextlib.suppress(UsageError):
            made[form] = sum(exported(kept, form, to=form).examples.values())
    assert made == dict.fromkeys(FORMATS.keys() - {"preference", "preference-openai"}, 6)


def test_it_makes_no_difference_whether_records_are_read(kept: Path) -> None:
    shares = shares_of("train=0.5,test=0.5")
    ways: list[tuple[str, dict[str, Any]]] = [
        ("completions", {}),
        ("completions", {"keep_blanks": True, "split": shares}),
        ("chat", {"split": shares}),
        ("sharegpt", {}),
        ("alpaca", {}),
        ("mlx", {}),
    ]
    for number, (form, options) in enumerate(ways):
        made = []
        for where in ((), ("repeat >= 0",)):
            done = exported(kept, form, to=f"{number}-{len(where)}", where=where, **options)
            files = (kept.parent / f"{number}-{len(where)}").glob("*.jsonl")
            made.append((done.examples, {path.name: path.read_bytes() for path in files}))
        assert made[0] == made[1], form
        assert made[0][1]


def test_the_card_for_the_hub_has_the_licence_that_was_given(kept: Path) -> None:
    done = exported(kept, "hub", license="cc-by-4.0")
    assert done.entries == ("README.md", "data/")
    assert "license: cc-by-4.0\n" in (kept.parent / "set/README.md").read_text()


def test_each_value_of_an_axis_is_split_alike(kept: Path) -> None:
    done = exported(kept, split=shares_of("train=0.5,test=0.5"), stratify="genre")
    assert done.examples == {"train": 3, "test": 3}


def test_a_stratified_split_counts_only_what_is_exported(kept: Path) -> None:
    halves, horror = shares_of("train=0.5,test=0.5"), (("genre", "horror"),)
    done = exported(kept, stratify="genre", split=halves, where=horror, dedupe="near")
    assert done.examples == {"train": 1, "test": 1}


def test_what_is_marked_as_failed_is_left_out_and_marks_are_names_in_conditions(kept: Path) -> None:
    keys = [record["key"] for record in rows(kept / "records.jsonl")]
    marks = kept.parent / "marks.jsonl"
    marks.write_text(
        f'{{"key": "{keys[0]}", "mark": "fail"}}\n{{"key": "{keys[1]}", "mark": "pass", "note": "fine"}}\n'
    )
    assert exported(kept, marks=marks).left_out == {"marked as failed": 1}
    assert exported(kept, marks=marks, where=('mark == "pass" and note',)).examples == {"train": 1}


async def test_duplicates_are_left_out(simulator: SimulatorFactory, tmp_path: Path) -> None:
    words = "always the same words, whatever the mood may be"
    record = {"prompt": "{{ genre }}", "completion": f"{{{{ '{words}' if completion }}}}"}
    async with simulator() as provider:
        await run(job(tmp_path / "kept", provider.base_url, record=record))
    assert exported(tmp_path / "kept", dedupe="exact").left_out == {"exact duplicates": 3}
    assert sum(exported(tmp_path / "kept", dedupe="near").left_out.values()) == 5


def test_a_changed_training_prompt_is_exported_as_it_is_now(kept: Path) -> None:
    changed = job(kept, record={"prompt": "{{ mood | upper }}:"}).recipe
    done = exported(kept, recipe=changed)
    assert {row["prompt"] for row in rows(kept.parent / "set" / "train.jsonl")} == {"CALM:", "ANGRY:"}
    assert any("the config has changed" in note for note in done.notes)


def test_a_value_that_the_recipe_no_longer_has_is_not_exported(kept: Path) -> None:
    narrowed = job(kept, axes={"genre": ["horror", "mystery"], "mood": ["calm"]}).recipe
    assert sum(exported(kept, recipe=narrowed).examples.values()) == 2


def test_a_dropped_answer_is_not_exported(kept: Path) -> None:
    drop(kept, Selection(where=(("mood", "calm"),)))
    assert sum(exported(kept).examples.values()) == 3


@pytest.mark.parametrize("damage", [b"", b'{"prompt": "by hand"}\n'])
def test_records_that_somebody_changed_are_made_of_the_answers_again(kept: Path, damage: bytes) -> None:
    before = rows(kept / "records.jsonl")
    (kept / "records.jsonl").write_bytes(damage)
    done = exported(kept, keep_blanks=True)
    assert [row["completion"] for row in rows(kept.parent / "set/train.jsonl")] == [r["completion"] for r in before]
    assert any("changed by somebody else" in note for note in done.notes)
    assert (kept / "records.jsonl").read_bytes() == damage


def test_a_line_that_is_being_written_is_left_out(kept: Path) -> None:
    with (kept / "records.jsonl").open("ab") as file:
        file.write(b'{"key": "00", "combination": {}, "prompt": "half')
    assert exported(kept).examples == {"train": 6}


def test_a_line_whose_answer_nobody_knows_is_left_out(kept: Path) -> None:
    """After a power cut a record may be on the disk before its answer is; the next run takes it out."""
    with (kept / "records.jsonl").open("ab") as file:
        file.write((kept / "records.jsonl").read_bytes().splitlines()[0].replace(b'{"key":"', b'{"key":"ffff')[:40])
        file.write(b'","combination":{},"prompt":"x","completion":"y"}\n')
    assert exported(kept).examples == {"train": 6}


async def test_records_that_can_not_be_trained_on_are_left_out_and_counted(
    simulator: SimulatorFactory, tmp_path: Path
) -> None:
    record = RECORD | {"completion": '{% if mood == "calm" %}{{ completion }}{% endif %}'}
    async with simulator() as provider:
        await run(job(tmp_path / "kept", provider.base_url, record=record))
    done = exported(tmp_path / "kept")
    assert (done.examples, dict(done.left_out)) == ({"train": 3}, {"completion is empty": 3})


async def test_a_dialogue_has_no_place_in_completions(simulator: SimulatorFactory, tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "{{ genre }}"}, {"role": "assistant", "content": "{{ completion }}"}]
    async with simulator() as provider:
        await run(job(tmp_path / "kept", provider.base_url, record={"messages": messages}))
    with pytest.raises(UsageError, match="completions has no place for records that have messages") as refused:
        exported(tmp_path / "kept")
    assert "chat" in refused.value.hint
    assert exported(tmp_path / "kept", "chat").examples == {"train": 6}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "chats"}, "no such format"),
        ({"to": "kept/records.jsonl", "force": True}, "is a file of the run itself"),
        ({"to": "kept", "force": True}, "is not an export of asyncsynth"),
        ({"to": "set.parquet"}, "a directory or a .jsonl file"),
        ({"to": "set.jsonl", "split": shares_of("train=0.5,test=0.5")}, "a split makes several files"),
        ({"where": (("genr", "x"),)}, "no axis genr"),
        ({"stratify": "genr"}, "--stratify: no axis genr"),
        ({"dedupe": "fuzzy"}, "--dedupe fuzzy"),
        ({"marks": Path("nowhere.jsonl")}, "can't be read"),
        ({"checks": ("openai",)}, "openai does not load --format completions"),
        ({"form": "chat", "checks": ("trl", "openai")}, "at least 10 examples, not 6"),
        ({"form": "mlx", "split": shares_of("train=0.5,dev=0.5")}, "look for test, train, valid"),
        ({"form": "preference"}, "no place for records that have prompt and completion"),
        ({"form": "hub", "to": "hub.parquet"}, "is written to a directory"),
        ({"where": ("genr > 1",)}, "nothing is called genr"),
        ({"where": (("genre", "western"),)}, "no example is left to export: 6 not wanted by --where"),
    ],
)
def test_what_can_not_be_exported_is_told_and_nothing_is_written(
    kept: Path, options: dict[str, Any], message: str
) -> None:
    before = state_of(kept)
    with pytest.raises(UsageError, match=message):
        exported(kept, **options)
    assert state_of(kept) == before
    assert list(kept.parent.iterdir()) == [kept]


def test_a_directory_without_answers_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no answer"):
        exported(tmp_path / "nothing")


def test_answers_of_another_recipe_are_told(kept: Path) -> None:
    with pytest.raises(UsageError, match="none of the answers that are there makes a record of this recipe"):
        exported(kept, recipe=job(kept, endpoint__model="another").recipe)
