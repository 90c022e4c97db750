"""Promises of recipe.sources.scanning, lines and wanted: what is kept of a file, and what is known of it afterwards."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path

import pytest

from asyncsynth.recipe.sources import source as module
from asyncsynth.recipe.sources.source import SourceChanged, SourceUnreadable
from tests.recipe.sources.opened import lines, mistakes, source, written


def csv_of(path: Path, rows: int) -> Path:
    return written(path, "name,price\n" + "".join(f"n{number},{number % 7}\n" for number in range(rows)))


def names(found: object) -> list[str]:
    return [row["name"] for row in found]  # type: ignore[attr-defined]  # rows are tables


def test_where_keeps_the_rows_for_which_it_holds(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "x.csv", 20)
    assert names(source(path, where="x.price | int > 4 and x.name != 'n5'")) == ["n6", "n12", "n13", "n19"]
    assert mistakes(path, tmp_path, where="x.price == 'none'") == ["axes.x.rows: x.csv has no row left of 20"]


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("x.price >", "axes.x.where: the condition x.price >: "),
        ("price | int > 3", "axes.x.where: there is no name price here; a column is x.price"),
        ("x.prize == '1'", "axes.x.rows: x.csv, line 2: the condition x.prize == '1': "),
    ],
)
def test_a_wrong_condition_is_told(tmp_path: Path, where: str, told: str) -> None:
    found = mistakes(csv_of(tmp_path / "x.csv", 3), tmp_path, where=where)
    assert found[0].startswith(told), found


def test_a_condition_sees_the_columns_that_are_kept(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "x.csv", 3)
    assert len(source(path, columns=["name"], where="x.name == 'n1'")) == 1
    assert mistakes(path, tmp_path, columns=["name"], where="x.price == '1'")


def test_a_share_is_drawn_by_the_seed_and_by_what_a_row_says(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "x.csv", 4000)
    tenth = names(source(path, sample=0.1))
    assert 300 < len(tenth) < 500
    head, *rows = path.read_text().splitlines(keepends=True)
    random.Random(1).shuffle(rows)
    written(path, head + "".join(rows) + "more,1\n")

    assert sorted(set(names(source(path, sample=0.1))) - {"more"}) == sorted(tenth)
    assert len(set(names(source(path, sample=0.1, seed=2))) & set(tenth)) < 100
    assert len(source(path, sample=1.0)) == 4001


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing.csv", "there is no missing.csv"),
        ("folder.csv/x.csv", "there is no folder.csv/x.csv"),
        ("x.json", "x.json: rows are read from .csv, .tsv, .jsonl, .ndjson, .parquet and folders"),
        ("pipe.csv", "pipe.csv is not a file"),
    ],
)
def test_what_is_no_file_of_rows_is_told(tmp_path: Path, name: str, told: str) -> None:
    written(tmp_path / "x.json", "[]")
    os.mkfifo(tmp_path / "pipe.csv")
    (found,) = mistakes(tmp_path / name, tmp_path)
    assert told in found


def test_the_digest_changes_with_rows_and_options_and_not_with_the_path(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "x.csv", 5)
    moved = written(tmp_path / "other" / "y.csv", path.read_bytes())
    changed = written(tmp_path / "z.csv", path.read_text().replace("n3", "N3"))
    digests = [
        source(path).told.digest,
        source(changed).told.digest,
        source(path, columns=["name"]).told.digest,
        source(path, where="x.name != 'n0'").told.digest,
        source(path, sample=0.99).told.digest,
        source(path, sample=0.99, seed=2).told.digest,
    ]
    assert len(set(digests)) == len(digests)
    assert source(moved).told.digest == source(path, seed=3).told.digest == digests[0]


def test_a_file_that_changes_afterwards_is_noticed_and_one_that_is_replaced_is_not_needed(tmp_path: Path) -> None:
    path = csv_of(tmp_path / "x.csv", 5)
    found = source(path)
    written(tmp_path / "new.csv", "name,price\nother,1\n").replace(path)
    assert names(found) == [f"n{number}" for number in range(5)]

    again = source(csv_of(path, 5))
    with path.open("r+b") as file:
        file.write(path.read_bytes().replace(b"n3", b"N3"))
    assert again[2] == {"name": "n2", "price": "2"}
    with pytest.raises(SourceChanged, match=r"x\.csv, line 5: was changed while it was used"):
        again[3]
    with pytest.raises(SourceChanged):
        list(again)
    path.write_bytes(b"")
    with pytest.raises(SourceChanged):
        again[0]


def test_few_rows_are_held_in_memory_and_many_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv_of(tmp_path / "x.csv", 5)
    assert isinstance(source(path).values, tuple)
    monkeypatch.setattr(module, "HELD_BYTES", 10)
    found = source(path)
    assert found.values is found


def test_rows_may_repeat_and_a_slice_is_a_list(tmp_path: Path) -> None:
    found = lines(written(tmp_path / "p.txt", "a\nb\na\n"))
    assert found[::2] == ["a", "a"]
    with pytest.raises(IndexError):
        found[3]


def fail(*_: object) -> bytes:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_disk_that_fails_is_told_of_the_file_and_not_of_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = csv_of(tmp_path / "x.csv", 3)
    opened = source(path)
    monkeypatch.setattr(os, "pread", fail)
    assert mistakes(path, tmp_path) == ["axes.x.rows: x.csv can't be read: Input/output error"]
    with pytest.raises(SourceUnreadable, match=r"x\.csv can no longer be read: Input/output error"):
        opened.value(0)
    with pytest.raises(SourceUnreadable):
        list(opened)
