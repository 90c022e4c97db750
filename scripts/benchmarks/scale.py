"""Ten million combinations: to plan, and to go on with a run whose records are there already."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench, median
from benchmarks.figures import Figure
from benchmarks.recipes import MILLION, TEN_MILLION, write_config
from benchmarks.servers import Server, own_server

STORES = "made-stores"
STOPPED_AT_THE_CAP = 3  # the exit status
RECORD_USD = 0.00010455  # what made_store writes as the cost of a record
ROUND_USD = 0.01  # about 60 more records


@dataclass(frozen=True, slots=True)
class Resumed:
    """Seconds from process start to the first new request, and what the process took."""

    first_s: float
    cpu_s: float
    peak_mb: float


def plan(bench: Bench) -> Iterator[Figure]:
    """The plan of a fresh directory."""
    config = write_config(bench.scratch / "large.toml", TEN_MILLION, "http://127.0.0.1:1/v1")
    runs = [
        bench.asyncsynth("plan", "--config", config, "--output", bench.scratch / "nothing")
        for _ in range(bench.rounds + 1)
    ][1:]
    times = [run.wall_s for run in runs]
    yield Figure("plan", "plan of 10 million, nothing there", median(times), "s", 60, 2, samples=times)
    yield Figure("plan", "plan of 10 million, peak memory", median([run.peak_mb for run in runs]), "MB")


def resume(bench: Bench) -> Iterator[Figure]:
    """With a million records there."""
    count = bench.size(1_000_000, 50_000)
    runs = resumed(bench, MILLION, count, bench.rounds)
    yield from _figures("resume", count, runs, (6, 3), (250, 150), bounded=not bench.quick)


def resume_large(bench: Bench) -> Iterator[Figure]:
    """With ten million records there; needs 15 GB of disk and some minutes to make them."""
    count = bench.size(10_000_000, 200_000)
    runs = resumed(bench, TEN_MILLION, count, 1)
    yield from _figures("resume-large", count, runs, (60, 25), (600, 300), bounded=not bench.quick)


def resumed(bench: Bench, sizes: Sequence[int], count: int, rounds: int) -> list[Resumed]:
    """The store is made once and grows by some records a round."""
    output = bench.scratch / STORES / str(count)
    with own_server(bench) as server:
        config = write_config(bench.scratch / f"resume-{count}.toml", sizes, server.base_url)
        begun = time.monotonic()
        bench.script("made_store.py", config, output, count)
        print(f"  made a store of {count:,} records in {time.monotonic() - begun:.0f} s", flush=True)
        runs = [
            _resume(bench, server, config, output, count * RECORD_USD + n * ROUND_USD) for n in range(1, rounds + 1)
        ]
    shutil.rmtree(output)
    return runs


def _resume(bench: Bench, server: Server, config: Path, output: Path, cap: float) -> Resumed:
    """One run, which the spend cap ends soon after it began to send: a limit would change how a run compares."""
    server.reset()
    finished = bench.asyncsynth(
        "run", "--config", config, "--output", output, "--max-cost", cap, "--concurrency", 64,
        "--set", "output.raw_log=false", status=STOPPED_AT_THE_CAP,
    )  # fmt: skip
    return Resumed(server.arrivals().first_at - finished.spawned_at, finished.cpu_s, finished.peak_mb)


def _figures(
    row: str,
    count: int,
    runs: Sequence[Resumed],
    seconds: tuple[float, float],
    megabytes: tuple[float, float],
    *,
    bounded: bool,
) -> Iterator[Figure]:
    """Bounds hold for the full number of records only."""
    times, peaks = [run.first_s for run in runs], [run.peak_mb for run in runs]
    facts = {"records": count, "cpu_s": [run.cpu_s for run in runs]}
    what = f"resume, {count:,} records there"
    must_s, goal_s = seconds if bounded else (None, None)
    must_mb, goal_mb = megabytes if bounded else (None, None)
    yield Figure(row, f"{what}: to the first request", median(times), "s", must_s, goal_s, samples=times, facts=facts)
    yield Figure(row, f"{what}: peak memory", median(peaks), "MB", must_mb, goal_mb, samples=peaks)
