"""The size of what has to be installed to run against a service: the core, without the local model."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import ROOT, Bench
from benchmarks.children import finish
from benchmarks.environments import AS_LOCKED, QUIETLY, core_of
from benchmarks.figures import Figure


def install(bench: Bench) -> Iterator[Figure]:
    """A target folder from the lock, compiled bytecode counted in."""
    lock, target = bench.scratch / "core.txt", bench.scratch / "core"
    lock.write_text(core_of((ROOT / "requirements.txt").read_text(encoding="utf-8")), encoding="utf-8")
    command = ("-m", "pip", *QUIETLY, *AS_LOCKED, "--target", str(target), "--requirement", str(lock))
    finish([sys.executable, *command], dict(os.environ))
    packages = len(list(target.glob("*.dist-info"))) + 1  # and asyncsynth itself
    size = _bytes_below(target) + _bytes_below(ROOT / "asyncsynth")
    yield Figure("install", "installed size of the core", size / 1e6, "MB", 90, 60)
    yield Figure("install", "packages of the core", packages, "", 35, 28)


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
