"""An output directory in a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import asyncsynth as syn

Build = Callable[..., syn.Recipe]


def test_what_is_dropped_is_made_anew_by_the_next_run(recipe: Build, tmp_path: Path) -> None:
    syn.run(recipe(16), output=tmp_path / "out")
    there = syn.open(tmp_path / "out")
    assert there.drop(where={"genre": "horror"}, dry_run=True) == 8
    assert there.drop(where='genre == "horror"', dry_run=True) == 8
    assert there.drop(where={"genre": "horror"}) == 8
    assert {record["combination"]["genre"] for record in there.records()} == {"mystery"}
    assert there.status().records == 8
    assert syn.run(recipe(16), output=tmp_path / "out").made == 8
    assert there.status().totals.dropped.calls == 8


def test_a_drop_without_a_condition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(syn.UsageError):
        syn.open(tmp_path / "out").drop()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda there: there.drop(["3f0c9a52"]), r"keys: \['3f0c9a52'\]"),
        (lambda there: there.drop(where=[("place", "India")]), "where: "),
        (lambda there: there.drop(match=5), "match: 5"),
        (lambda there: there.retry(["timeout"]), "reasons: "),
        (lambda there: there.export("x", format="chat", split=0.9), "split: 0.9"),
        (lambda there: there.export("x", format="chat", split={"train": "most"}), "split train: 'most'"),
        (lambda there: there.export("x", format="chat", dedupe=True), "dedupe: True"),
    ],
)
def test_an_argument_of_the_wrong_type_is_told_by_its_name(
    call: Callable[[Any], object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(syn.UsageError, match=f"^{message}.* is of the wrong type"):
        call(syn.open(tmp_path / "out"))


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "config.toml").touch()
    with pytest.raises(syn.StoreError, match="Not a directory"):
        syn.open(tmp_path / "config.toml").status()


def test_a_directory_that_is_not_there_is_empty_and_stays_so(tmp_path: Path) -> None:
    there = syn.open(tmp_path / "out")
    assert list(there.records()) == []
    assert there.status().totals.answers == 0
    assert there.retry() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_exported_as_the_command_line_does(recipe: Build, tmp_path: Path) -> None:
    syn.run(recipe(16), output=tmp_path / "out")
    there = syn.open(tmp_path / "out")
    done = there.export(
        tmp_path / "set", format="chat", split="train=0.75,test=0.25", where={"genre": "horror"}, checks="trl"
    )
    assert sum(done.examples.values()) == 8
    assert there.export(tmp_path / "a.jsonl", format="completions", where="number < 2").examples == {"train": 4}
    with pytest.raises(syn.UsageError, match="already exists"):
        there.export(tmp_path / "a.jsonl", format="completions")
