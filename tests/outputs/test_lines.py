"""Rows as lines of JSON, whatever text is in them."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.outputs.lines import Lines, line_of

BREAKS = "a\nb\rc\x0bd\x0ce\x1cf\x1dg\x1eh\x85i\u2028j\u2029k"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_a_row_is_one_line_and_reads_back(text: str) -> None:
    line = line_of({"prompt": text, "completion": BREAKS})
    assert json.loads(line) == {"prompt": text, "completion": BREAKS}
    assert line.endswith(b"}\n")


def test_no_loader_sees_a_line_break_inside_of_a_row() -> None:
    line = line_of({"text": BREAKS}).decode()
    assert len(line.splitlines()) == 1, "Python's own idea of a line break is the widest"


def test_there_is_neither_a_mark_at_the_head_nor_a_blank_line(tmp_path: Path) -> None:
    paths = {"train": tmp_path / "a.jsonl", "test": tmp_path / "b.jsonl"}
    lines = Lines(paths)
    for number in range(5):
        lines.write("test" if number % 2 else "train", {"text": f"é{number}"})
    lines.finish()
    lines.close()
    assert paths["train"].read_bytes() == '{"text":"é0"}\n{"text":"é2"}\n{"text":"é4"}\n'.encode()
    assert paths["test"].read_bytes().count(b"\n") == 2
    assert paths["train"].stat().st_mode & 0o777 == 0o600
