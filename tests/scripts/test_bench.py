"""scripts/bench: its command line, and its report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "scripts" / "bench"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(BENCH), *arguments], capture_output=True, text=True, check=False)


def test_a_row_that_does_not_exist_is_refused_with_the_ones_that_do() -> None:
    refused = bench("cpus")
    assert refused.returncode == 2
    assert "no such row: cpus; there are cpu, memory, startup, latency, resume, plan, peers" in refused.stderr


def test_the_report_has_each_figure_beside_its_bounds(tmp_path: Path) -> None:
    """The quickest row, measured for real."""
    report = tmp_path / "report.json"
    ended = bench("plan", "--quick", "--python", sys.executable, "--json", str(report))
    figures = json.loads(report.read_text())["figures"]
    seconds = next(figure for figure in figures if figure["unit"] == "s")
    assert (seconds["must"], seconds["goal"], len(seconds["samples"])) == (60, 2, 1)
    assert 0 < seconds["measured"] == seconds["samples"][0]
    assert seconds["what"] in ended.stdout
    assert ended.returncode == int(any(figure["verdict"] == "MISSED" for figure in figures))
