"""Promise 1 at length: kill -9 at random moments; ASYNCSYNTH_KILLS says how many the long test makes (200)."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import House, Provider
from tests.patience import LONGEST_S
from tests.promises.conftest import calls_lost, complete

Options = Callable[..., list[str]]
Start = Callable[..., Provider]

SAMPLES_A_KILL = 45
START_S = 0.6  # about what a run needs to start; a kill may come in the middle of that


class Growth:
    """How many answers there are, without reading any twice."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self.answers = path, 0, 0

    def look(self) -> int:
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._offset)
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            self._offset += len(whole)
            self.answers += whole.count(b"\n")
        return self.answers


def kill_at_random(house: House, arguments: list[str], rng: random.Random, points: list[int], latency: float) -> int:
    """One run for each point, killed a random moment after it has that many answers; returns how many were killed."""
    growth, killed = Growth(house.folder / "out/answers.jsonl"), 0
    for point in sorted(points):
        passed = growth.look() >= point
        process = house.start(*arguments)
        until = time.monotonic() + LONGEST_S
        while growth.look() < point and process.poll() is None:
            assert time.monotonic() < until, f"no {point} answers"
            time.sleep(0.005)
        time.sleep(rng.uniform(0, START_S if passed else latency))
        os.killpg(process.pid, signal.SIGKILL)
        _, err = process.communicate(timeout=LONGEST_S)
        assert process.returncode == -signal.SIGKILL, err
        killed += 1
    return killed


def lost_by_kill(manifest: list[dict[str, Any]]) -> list[int]:
    """How many lost calls were listed before each run began."""
    lost = [0]
    for line in manifest:
        if line["type"] == "run":
            lost.append(0)
        lost[-1] += len(calls_lost([line]))
    return lost


def kills_cost_at_most_a_call_a_slot(
    house: House, simulated: Provider, options: list[str], *, kills: int, samples: int, slots: int, latency: float
) -> None:
    rng = random.Random(kills)
    points = [rng.randrange(samples * 95 // 100) for _ in range(kills)]
    arguments = ["run", "--concurrency", str(slots), "--limit", str(samples), *options]
    arguments += ["--set", f"combinations.repeats={samples // 256 + 1}"]
    assert kill_at_random(house, arguments, rng, points, latency) == kills
    last = house.run(*arguments)
    assert last.returncode == 0, last.stderr

    assert len(complete(house.folder / "out")) == samples
    lines = house.manifest()
    by_kill = lost_by_kill(lines)
    lost = calls_lost(lines)
    paid_again = simulated.stats()["calls"] - samples
    figures = f"{kills} kills over {samples} samples: {len(lost)} calls lost, at most {max(by_kill)} a kill"
    sys.stdout.write(f"{figures}; the provider saw {paid_again} calls more than there are samples\n")
    assert max(by_kill) <= slots
    assert 0 < paid_again <= len(lost), "a call that was lost is not listed"
    status = house.run("status", "--output", "out", "--all-calls").stdout
    listed = [line for line in status.splitlines() if "  attempt " in line]
    assert sorted(line.split()[0] for line in listed) == sorted(lost)
    answered = [json.loads(line) for line in simulated.ledger.read_text().splitlines()]
    assert len(answered) - samples <= len(lost)


def test_5_kills_over_600_samples_cost_at_most_a_call_a_slot_each_listed(
    house: House, provider: Start, options: Options
) -> None:
    simulated = provider("--latency", "0.05")
    kills_cost_at_most_a_call_a_slot(house, simulated, options(simulated), kills=5, samples=600, slots=16, latency=0.05)


@pytest.mark.slow
def test_200_kills_over_9000_samples_cost_at_most_a_call_a_slot_each_listed(
    house: House, provider: Start, options: Options
) -> None:
    kills = int(os.environ.get("ASYNCSYNTH_KILLS", "200"))
    simulated = provider("--latency", "0.05")
    kills_cost_at_most_a_call_a_slot(
        house, simulated, options(simulated), kills=kills, samples=SAMPLES_A_KILL * kills, slots=16, latency=0.05
    )
