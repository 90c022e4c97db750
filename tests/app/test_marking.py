"""Marks that the page sends are kept, the newest counts, and what a person wrote beside them is not spoilt."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.app.marking import add_mark, marks_of


def test_the_newest_mark_of_a_sample_counts(tmp_path: Path) -> None:
    assert marks_of(tmp_path) == {}
    add_mark(tmp_path, "a", "pass", "")
    add_mark(tmp_path, "b", "fail", "too short")
    add_mark(tmp_path, "a", None, "")

    assert {key: tuple(mark) for key, mark in marks_of(tmp_path).items()} == {"a": ("", ""), "b": ("fail", "too short")}
    assert (tmp_path / "marks.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_that_lacks_its_newline_gets_one(tmp_path: Path) -> None:
    (tmp_path / "marks.jsonl").write_text('{"key": "a", "mark": "fail"}')
    add_mark(tmp_path, "b", "pass", "")

    assert list(marks_of(tmp_path)) == ["a", "b"]
