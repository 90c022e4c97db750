"""Promises of recipe.sources.text_lines: each line as it stands, without its end."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.config.sources import Lines
from asyncsynth.recipe.sources.opening import opened
from tests.recipe.sources.opened import lines, written


def test_lines_come_as_they_stand_and_blank_ones_not_at_all(tmp_path: Path) -> None:
    found = lines(written(tmp_path / "p.txt", "\ufeffone\r\n\n  \n two \ntwo\u2028half\x0bway\nlast"))

    assert list(found) == [found[number] for number in range(4)] == ["one", " two ", "two\u2028half\x0bway", "last"]
    assert found.place(3) == "p.txt, line 6"
    assert found.told.types is None


def test_any_suffix_will_do_and_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "names", b"good\nbad \xff\xfe\n")
    _, problems = opened({"x": Lines(lines=str(path))}, 1)
    assert [str(one) for one in problems] == [
        f"axes.x.lines: {path}, line 2: is not UTF-8 (0xff is its byte 5); save it as UTF-8"
    ]
