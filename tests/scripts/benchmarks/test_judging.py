"""The row for judges' answers."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.bench import ROOT, Bench
from benchmarks.judging import FORMS, judging
from benchmarks.sides import Side


def test_each_form_of_an_answer_is_measured(tmp_path: Path) -> None:
    figures = list(judging(Bench(Side("ours", ROOT, sys.executable, tmp_path), tmp_path, quick=True, rounds=2)))
    assert [figure.what for figure in figures] == list(FORMS.values())
    assert all(len(figure.samples) == 2 and figure.measured > 0 and figure.unit == "us" for figure in figures)
