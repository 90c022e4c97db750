"""scripts/bench: its command line, and its report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "scripts" / "bench"


def bench(*arguments: str, script: Path = BENCH, path: str | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": path if path is not None else os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, str(script), *arguments], capture_output=True, text=True, check=False, env=env
    )


def report_of(tmp_path: Path, *arguments: str, **options: Any) -> tuple[subprocess.CompletedProcess[str], Any]:
    """A quick run, and what it wrote with --json."""
    report = tmp_path / "report.json"
    ended = bench(*arguments, "--quick", "--python", sys.executable, "--json", str(report), **options)
    return ended, json.loads(report.read_text())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """This checkout as a repository of its own, with everything committed."""
    root = tmp_path / "repository"
    for name in ("asyncsynth", "scripts"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.txt", root)
    author = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for arguments in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "first")):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


def test_a_row_that_does_not_exist_is_refused_with_the_ones_that_do() -> None:
    refused = bench("cpus")
    assert refused.returncode == 2
    known = "cpu, tls, memory, startup, latency, resume, view, export, gates, plan, judging, steps, peers"
    assert f"no such row: cpus; there are {known}" in refused.stderr


def test_against_has_rows_of_its_own() -> None:
    refused = bench("plan", "--against", "HEAD")
    assert refused.returncode == 2
    assert "no such row: plan; there are cpu, startup, latency, resume, resume-large" in refused.stderr


def test_against_is_not_mixed_with_what_looks_at_one_revision() -> None:
    refused = bench("--against", "HEAD", "--peers")
    assert refused.returncode == 2
    assert "--against compares two revisions" in refused.stderr


def test_a_revision_that_does_not_exist_is_refused() -> None:
    refused = bench("--against", "no-such-revision", "--python", sys.executable)
    assert refused.returncode == 2
    assert refused.stderr.startswith("bench: --against: git says: fatal: ")


def test_the_report_has_each_figure_beside_its_bounds(tmp_path: Path) -> None:
    """The quickest row, measured for real."""
    ended, report = report_of(tmp_path, "plan")
    seconds = next(figure for figure in report["figures"] if figure["unit"] == "s")
    assert (seconds["must"], seconds["goal"], len(seconds["samples"])) == (60, 2, 1)
    assert 0 < seconds["measured"] == seconds["samples"][0]
    assert seconds["what"] in ended.stdout
    assert ended.returncode == 0


def test_a_row_that_fails_is_told_and_the_others_are_measured(tmp_path: Path) -> None:
    ended, report = report_of(tmp_path, "tls", "plan", path=str(tmp_path))
    assert report["failed"] == ["tls"]
    assert {figure["row"] for figure in report["figures"]} == {"plan"}
    assert "FAILED: a certificate is made by the command openssl, which is missing" in ended.stdout
    assert ended.returncode == 1


@pytest.mark.slow
def test_a_change_that_slows_the_start_shows_against_the_revision_before_it(repository: Path, tmp_path: Path) -> None:
    main = repository / "asyncsynth" / "__main__.py"
    main.write_text(main.read_text().replace("from asyncsynth", "import time; time.sleep(0.6)\nfrom asyncsynth", 1))
    _, report = report_of(tmp_path, "startup", "--against", "HEAD", script=repository / "scripts" / "bench")
    over = next(figure for figure in report["figures"] if figure["what"].endswith("ours / HEAD"))
    slower = [ours - theirs for ours, theirs in zip(over["facts"]["ours"], over["facts"]["HEAD"], strict=True)]
    assert len(slower) == 4
    assert sorted(slower)[1] > 0.4  # all but one: the machine has other work, too
    assert over["verdict"] == "MISSED"
