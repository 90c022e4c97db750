"""A kill of the service, or of all that it started, costs nothing that is bought twice: its runs work on, or go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.cli.conftest import COMMAND, Provider, environment, provider
from tests.patience import LONGEST_S
from tests.promises.conftest import calls_lost, complete
from tests.service.conftest import CONFIG

__all__ = ["provider"]

RUNS, SAMPLES = 10, 240
pytestmark = pytest.mark.slow


class Serving:
    """`asyncsynth serve` as a process, and what can be asked of it."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--configs", str(root), "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.went_on = 0
        while line.startswith("going on: "):
            self.went_on, line = self.went_on + 1, self.process.stdout.readline()
        self.url, _, self._token = line.removeprefix("listening: ").strip().partition("#token=")

    def __call__(self, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data, headers), timeout=LONGEST_S) as reply:
            return json.load(reply)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(LONGEST_S)


def start_all(serving: Serving, root: Path, base_url: str) -> None:
    """Runs that ask for different things, so that no answer is another run's."""

    def start(number: int) -> None:
        text = CONFIG.replace('provider = "simulator"', f'provider = "openai"\nbase_url = "{base_url}"')
        text = text.replace("simulator = { latency_s = 0.0 }\n", "").replace("plot, number", f"plot {number}, number")
        text += "[combinations]\nrepeats = 15\n[limits]\nconcurrency = 4\n"
        (root / f"{number}.toml").write_text(text)
        started = serving("api/runs", {"file": f"{number}.toml", "output": f"runs/{number}"})
        assert started["working"]

    with ThreadPoolExecutor(RUNS) as at_once:
        list(at_once.map(start, range(RUNS)))


def until(serving: Serving, state: str, records: int = 0) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 5 * LONGEST_S
    while True:
        runs: list[dict[str, Any]] = serving("api/runs")["runs"]
        if all(run["state"] == state and run["records"] >= records for run in runs):
            return runs
        assert time.monotonic() < deadline, runs
        time.sleep(0.1)


def check_the_bill(root: Path, provider: Provider) -> tuple[int, int]:
    """(calls that the provider billed, of them those that kills cut off): no request was answered twice."""
    manifests = [
        [json.loads(line) for line in path.read_bytes().splitlines()] for path in root.glob("runs/*/manifest.jsonl")
    ]
    lost = sum(len(calls_lost(lines)) for lines in manifests)
    for number in range(RUNS):
        assert len(complete(root / "runs" / str(number))) == SAMPLES
    billed = [json.loads(line) for line in provider.ledger.read_bytes().splitlines()]
    assert RUNS * SAMPLES <= len(billed) <= RUNS * SAMPLES + lost
    return len(billed), lost


@pytest.mark.parametrize("killed", ["the service", "everything"])
def test_ten_runs_survive_a_kill_amid_them_and_nothing_is_bought_twice(
    tmp_path: Path, provider: Callable[..., Provider], killed: str
) -> None:
    simulated = provider("--latency", "1")
    root = tmp_path / "root"
    root.mkdir()
    serving = Serving(root)
    start_all(serving, root, simulated.base_url)
    until(serving, "working", 8)
    pids = [int((root / "runs" / str(number) / "lock").read_text()) for number in range(RUNS)]
    serving.end(signal.SIGKILL)
    if killed == "everything":
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
    time.sleep(1)

    serving = Serving(root)
    assert serving.went_on == (RUNS if killed == "everything" else 0)
    runs = until(serving, "ended", SAMPLES)
    assert {run["ended"] for run in runs} == {"complete"}
    billed, lost = check_the_bill(root, simulated)
    assert lost == 0 if killed == "the service" else lost <= RUNS * 4
    assert billed == RUNS * SAMPLES or killed == "everything"
    assert serving.end(signal.SIGINT) == 0
