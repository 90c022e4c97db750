"""What a child process cost is its own cost, and a child that fails is none that was measured."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from benchmarks.children import ChildFailed, finish

PYTHON = [sys.executable, "-I", "-S", "-c"]
ENV: dict[str, str] = {}


def test_the_peak_memory_of_whoever_measures_is_not_taken_for_that_of_the_child() -> None:
    ballast = b"x" * 200_000_000
    peak_mb = finish([*PYTHON, "ballast = b'x' * 30_000_000"], ENV).peak_mb
    assert 30 < peak_mb < 100 < len(ballast) / 1e6


def test_cpu_time_includes_the_children_of_the_child() -> None:
    burn = "import time\nwhile time.process_time() < 0.2: pass"
    finished = finish([*PYTHON, f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"], ENV)
    assert finished.cpu_s >= 0.2


def test_the_child_is_spawned_and_ends_within_what_is_measured() -> None:
    before = time.monotonic()
    finished = finish([*PYTHON, "import time; time.sleep(0.05)"], ENV)
    assert before <= finished.spawned_at
    assert finished.wall_s >= 0.05
    assert finished.spawned_at + finished.wall_s <= time.monotonic()


def test_both_outputs_of_the_child_are_kept() -> None:
    say = "import sys; print('out', flush=True); print('err', file=sys.stderr)"
    assert finish([*PYTHON, say], ENV).output == "out\nerr\n"


def test_another_status_is_told_with_the_last_words() -> None:
    assert finish([*PYTHON, "raise SystemExit(3)"], ENV, status=3).output == ""
    with pytest.raises(ChildFailed, match=r"ended with status 1:\n.*nothing works"):
        finish([*PYTHON, "raise SystemExit('nothing works')"], ENV)
    with pytest.raises(ChildFailed, match="ended with status -9"):
        finish([*PYTHON, "import os; os.kill(os.getpid(), 9)"], ENV)


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(ChildFailed, match=r"can't be run:\n[^$]*No such file or directory"):
        finish(["/nowhere/python"], ENV)


def test_a_child_that_hangs_is_killed_and_not_only_its_parent(tmp_path: Path) -> None:
    alive, begun = tmp_path / "alive", time.monotonic()
    os.mkfifo(alive)
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(ChildFailed, match=r"was still at work after 0\.3 s"):
        finish([*PYTHON, f"import time; alive = open({str(alive)!r}, 'w'); time.sleep(30)"], ENV, timeout_s=0.3)
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""  # once nobody holds the other end
    os.close(reader)
    assert time.monotonic() - begun < 15
