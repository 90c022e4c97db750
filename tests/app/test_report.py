"""The report: one file, there as a whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.app.report import report
from asyncsynth.errors import UsageError


def test_a_report_is_one_file_and_what_stands_there_is_kept_unless_it_is_forced(tmp_path: Path) -> None:
    to = tmp_path / "reports" / "report.html"
    assert report(tmp_path / "none", to).size == to.stat().st_size
    to.write_text("mine")
    with pytest.raises(UsageError, match="already exists"):
        report(tmp_path / "none", to)
    assert to.read_text() == "mine"
    report(tmp_path / "none", to, force=True)
    assert to.read_text().startswith("<!doctype html>")
    assert [path.name for path in to.parent.iterdir()] == ["report.html"]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"does not end in \.html"):
        report(tmp_path / "none", tmp_path / "records.jsonl")
