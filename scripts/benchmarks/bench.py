"""What every row needs: an interpreter, a scratch folder, how often to measure, and runs of asyncsynth."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import ChildFailed, Finished, finish

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent.parent
FEW = 64  # samples of the run whose cost counts as that of starting and ending
OPEN_FILES = 8192  # for 2,000 calls at a time, at both ends
NEEDED = "import aiohttp, uvloop, orjson, pydantic, typer, structlog, jinja2"


@dataclass(frozen=True, slots=True)
class Bench:
    """`quick`: small counts, for a look; `rounds`: how often each side of a comparison is measured."""

    python: str
    scratch: Path
    quick: bool
    rounds: int

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT)}

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def script(self, name: str, *arguments: object) -> Finished:
        """One of the scripts of this folder, run to its end."""
        return finish([self.python, str(SCRIPTS / name), *map(str, arguments)], self.env)

    def asyncsynth(self, *arguments: object, status: int = 0) -> Finished:
        command = [self.python, "-m", "asyncsynth", *map(str, arguments)]
        return finish(command, self.env, cwd=self.scratch, status=status)

    def run(self, config: Path, samples: int, concurrency: int, *options: object, raw_log: bool = False) -> Finished:
        """A whole `asyncsynth run` into a fresh directory, checked for its number of records."""
        output = self.scratch / "output"
        shutil.rmtree(output, ignore_errors=True)
        raw = f"output.raw_log={'true' if raw_log else 'false'}"
        named = ("--limit", samples, "--concurrency", concurrency, "--set", raw, *options)
        finished = self.asyncsynth("run", "--config", config, "--output", output, *named)
        if (made := _lines(output / "records.jsonl")) != samples:
            raise ChildFailed(f"{made} records instead of {samples}:\n{finished.output[-3000:]}")
        shutil.rmtree(output)
        return finished


def in_turn(rounds: int, sides: Sequence[Callable[[], float]]) -> list[list[float]]:
    """Each side measured `rounds` times, A B A B ..., so that the drift of the machine meets all of them alike."""
    measured: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for side, values in zip(sides, measured, strict=True):
            values.append(side())
    return measured


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round, so that what slowed a round down cancels."""
    return [one / other for one, other in zip(ours, theirs, strict=True)]


median = statistics.median


def raise_open_files() -> None:
    """For this process and its children, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def find_python() -> str:
    """An interpreter that has asyncsynth's packages: this one, the checkout's environments, or one that is made."""
    for candidate in (sys.executable, *(str(ROOT / folder / "bin/python") for folder in (".venv", ".venv-test"))):
        if Path(candidate).exists() and _has_packages(candidate):
            return candidate
    make = ". scripts/environment && make_environment .venv requirements.txt"
    subprocess.run(["/usr/bin/env", "bash", "-c", f"set -euo pipefail; {make}", "scripts/bench"], cwd=ROOT, check=True)
    return str(ROOT / ".venv/bin/python")


def _has_packages(python: str) -> bool:
    return subprocess.run([python, "-c", NEEDED], check=False, stderr=subprocess.DEVNULL).returncode == 0


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
