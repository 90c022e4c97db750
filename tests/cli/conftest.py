"""The command line as a person uses it: real processes, a real simulated provider in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.forked import Forked
from tests.patience import LONGEST_S

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "asyncsynth"]


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI")}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}


@dataclass(frozen=True)
class Provider:
    """A simulated provider that outlives the runs that call it, so that its ledger does."""

    base_url: str
    ledger: Path

    def stats(self) -> dict[str, Any]:
        with urlopen(self.base_url.removesuffix("/v1") + "/stats", timeout=LONGEST_S) as reply:
            totals: dict[str, Any] = json.load(reply)
        return totals


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Callable[..., Provider]]:
    """What starts a simulated provider with these arguments of `asyncsynth simulate`."""
    processes: list[Forked] = []

    def start(*arguments: str) -> Provider:
        ledger = tmp_path / f"ledger-{len(processes)}.jsonl"
        command = ["-m", "asyncsynth", "simulate", "--port", "0", "--ledger", str(ledger), *arguments]
        process = Forked(command, cwd=tmp_path, env=environment(), stderr=2)
        processes.append(process)
        assert process.stdout is not None
        return Provider(process.stdout.readline().removeprefix("listening: ").strip(), ledger)

    yield start
    for process in processes:
        process.terminate()
        assert process.wait(LONGEST_S) == 0
        assert process.stdout is not None
        process.stdout.close()


def calls_in(manifest: Path) -> int:
    """How many calls have been noted; the last line may still be being written."""
    lines = [line for line in manifest.read_bytes().splitlines() if line.startswith(b'{"type":"calls"')]
    return sum(line.count(b"],[") + 1 for line in lines)


@dataclass(frozen=True)
class House:
    """A folder with a config.toml in it, and what can be done there."""

    folder: Path

    def start(self, *arguments: str, **env: str) -> Forked:
        """A command that is under way, in a process group of its own, as a shell would start it."""
        command = ["-m", "asyncsynth", *arguments]
        return Forked(command, cwd=self.folder, env=environment(**env), new_session=True)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, **env)
        out, err = process.communicate(timeout=LONGEST_S)
        return subprocess.CompletedProcess(process.args, process.wait(), out, err)

    def records(self, output: str = "out") -> list[dict[str, Any]]:
        path = self.folder / output / "records.jsonl"
        return [json.loads(line) for line in path.read_bytes().splitlines()]

    def manifest(self, output: str = "out") -> list[dict[str, Any]]:
        path = self.folder / output / "manifest.jsonl"
        return [json.loads(line) for line in path.read_bytes().splitlines()]

    def wait_for_records(self, number: int, output: str = "out") -> None:
        """Wait until a run that is under way has written so many."""
        path, until = self.folder / output / "records.jsonl", time.monotonic() + LONGEST_S
        while not path.exists() or path.read_bytes().count(b"\n") < number:
            assert time.monotonic() < until, f"no {number} records within {LONGEST_S} s"
            time.sleep(0.01)

    def wait_for_calls(self, number: int, output: str = "out") -> None:
        """Wait until a run that is under way has begun so many calls, over all runs."""
        path, until = self.folder / output / "manifest.jsonl", time.monotonic() + LONGEST_S
        while not path.exists() or calls_in(path) < number:
            assert time.monotonic() < until, f"no {number} calls within {LONGEST_S} s"
            time.sleep(0.01)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A folder with the config that ships."""
    folder = tmp_path / "house"
    folder.mkdir()
    shutil.copy(ROOT / "config.toml", folder)
    return House(folder)


@pytest.fixture
def options() -> Callable[..., list[str]]:
    """The options of a run into `out` on a provider that is there, or on a simulator of its own."""

    def of(provider: Provider | None = None, *more: str) -> list[str]:
        if provider is None:
            return ["--output", "out", "--set", "endpoint.provider=simulator", *more]
        address = f"endpoint.base_url={provider.base_url}"
        return ["--output", "out", "--set", "endpoint.provider=openai", "--set", address, *more]

    return of


def ended_by(process: Forked, number: signal.Signals) -> tuple[int, str]:
    """Send a signal and wait for the end: exit status and standard error."""
    process.send_signal(number)
    _, err = process.communicate(timeout=LONGEST_S)
    return process.wait(), err
