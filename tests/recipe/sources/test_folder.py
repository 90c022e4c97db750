"""Promises of recipe.sources.folder: every file is a row by its name and text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from asyncsynth.recipe.sources.source import SourceChanged
from tests.recipe.sources.opened import mistakes, source, written


def docs(folder: Path) -> Path:
    written(folder / "b.md", "\ufeffBé\r\n")
    written(folder / "a" / "c.txt", "C")
    written(folder / ".hidden", "H")
    written(folder / ".git" / "config", "G")
    return folder


def test_rows_are_all_files_that_are_not_hidden(tmp_path: Path) -> None:
    found = source(docs(tmp_path / "docs"))

    assert list(found) == [{"name": "a/c.txt", "text": "C"}, {"name": "b.md", "text": "Bé\r\n"}]
    assert found[1] == {"name": "b.md", "text": "Bé\r\n"}
    assert found.place(0) == str(tmp_path / "docs" / "a" / "c.txt")


@pytest.mark.parametrize(("pattern", "names"), [("*.md", ["b.md"]), ("**/*.txt", ["a/c.txt"]), ("a/*", ["c.txt"])])
def test_a_pattern_chooses_among_them(tmp_path: Path, pattern: str, names: list[str]) -> None:
    found = source(docs(tmp_path / "docs") / pattern, columns=["name"])
    assert [*found] == [{"name": name} for name in names]


def test_a_file_that_is_no_text_is_told_by_its_name(tmp_path: Path) -> None:
    written(docs(tmp_path / "docs") / "logo.png", b"\x89PNG")
    assert mistakes(tmp_path / "docs", tmp_path) == [
        (
            "axes.x.rows: docs/logo.png: is not UTF-8 (0x89 is its byte 1); save it as UTF-8; "
            "a pattern like *.md chooses among files"
        )
    ]


def test_a_name_that_is_no_text_shows_where(tmp_path: Path) -> None:
    written(docs(tmp_path / "docs") / "caf\udce9.md", "text")
    assert {"name": "caf\ufffd.md", "text": "text"} in list(source(tmp_path / "docs"))


def test_an_empty_folder_and_a_pattern_for_nothing_are_told(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    assert mistakes(tmp_path / "docs", tmp_path) == ["axes.x.rows: docs has no file to be a row"]
    assert mistakes(tmp_path / "docs" / "*.md", tmp_path) == ["axes.x.rows: docs/*.md has no file to be a row"]


def to_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize("change", [lambda file: file.write_text("D"), lambda file: file.unlink(), to_a_pipe])
def test_a_file_that_changes_afterwards_is_noticed(tmp_path: Path, change: object) -> None:
    found = source(docs(tmp_path / "docs"))
    assert callable(change)
    change(tmp_path / "docs" / "a" / "c.txt")
    with pytest.raises(SourceChanged, match=r"c\.txt: was changed while it was used"):
        found[0]
