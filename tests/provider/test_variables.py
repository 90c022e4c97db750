"""Where the values of variables come from, and which wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.provider.variables import Variables


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB=file\nexport C='file c'\nD=$A${A}\n# E=1\nBLANK=\n")
    variables = Variables({"A": "environment", "B": "  "}, tmp_path)
    assert variables.get("A") == "environment"
    assert variables.get("B") == "file"  # what is blank is not set
    assert variables.get("C") == "file c"
    assert variables.get("D") == "$A${A}"  # a key may have a dollar in it
    assert variables.get("E") == variables.get("BLANK") == variables.get("NONE") == ""


def test_the_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=1\r\n")
    assert Variables({}, tmp_path).get("A") == "1"


def test_nothing_is_read_where_the_environment_has_it_all(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff")
    variables = Variables({"A": "1"}, tmp_path)
    assert variables.get("A") == "1"
    with pytest.raises(UsageError, match="not UTF-8"):
        variables.get("B")


def test_no_file_and_no_folder_are_no_mistake(tmp_path: Path) -> None:
    assert Variables({}).get("A") == Variables({}, tmp_path).get("A") == ""


def test_a_path_in_the_file_is_relative_to_its_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=a.pem\nB=/b.pem\n")
    variables = Variables({"C": "c.pem"}, tmp_path)
    assert [variables.path(name) for name in "ABCD"] == [tmp_path / "a.pem", Path("/b.pem"), Path("c.pem"), None]


def test_lines_that_can_not_be_read_are_told_where_something_is_missing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nthis is no line\n")
    variables = Variables({}, tmp_path)
    assert variables.get("A") == "1"
    assert variables.file.endswith(".env, whose line 2 can't be read")
