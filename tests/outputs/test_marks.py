"""marks.jsonl: what people thought of samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.outputs.marks import Mark, failed, mark_line, read_marks


def test_the_last_line_about_a_key_counts(tmp_path: Path) -> None:
    file = tmp_path / "marks.jsonl"
    file.write_text(
        '{"key": "a", "mark": "fail", "note": "short"}\n\n{"key": "b", "mark": "fail"}\n{"key": "a", "mark": "pass"}\n'
        '{"key": "b", "mark": null, "note": "on second thought", "by": "me"}'
    )
    assert read_marks(file) == {"a": Mark("pass"), "b": Mark("", "on second thought")}


@pytest.mark.parametrize(
    "line", ["x", "[]", '{"key": "a"}', '{"key": 1, "mark": "fail"}', '{"key": "a", "mark": "maybe"}', '"x"']
)
def test_a_line_that_is_no_mark_is_told_by_its_number(tmp_path: Path, line: str) -> None:
    file = tmp_path / "marks.jsonl"
    file.write_text(f'{{"key": "a", "mark": "pass"}}\n{line}\n')
    with pytest.raises(UsageError, match=r"marks\.jsonl, line 2: "):
        read_marks(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read_marks(tmp_path / "marks.jsonl")


def test_a_line_that_is_written_is_read_as_the_same_mark(tmp_path: Path) -> None:
    marks = {"a": Mark("fail", 'too "short"'), "b": Mark("", "hm"), "c": Mark("pass")}
    file = tmp_path / "marks.jsonl"
    file.write_bytes(b"".join(mark_line(key, mark) for key, mark in marks.items()))
    assert read_marks(file) == marks
    assert failed(marks) == ["a"]
