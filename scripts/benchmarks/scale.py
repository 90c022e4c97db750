"""Ten million combinations: to plan, and to go on with a run whose records are there already."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench, median
from benchmarks.figures import Figure
from benchmarks.recipes import MILLION, TEN_MILLION
from benchmarks.servers import Server, own_server
from benchmarks.sides import Side

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
    config = bench.ours.config("large.toml", TEN_MILLION, "http://127.0.0.1:1/v1")
    runs = [
        bench.ours.asyncsynth("plan", "--config", config, "--output", bench.scratch / "nothing")
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
    """With ten million records there; needs 30 GB of disk and some minutes to make them."""
    count = bench.size(10_000_000, 200_000)
    runs = resumed(bench, TEN_MILLION, count, 1)
    yield from _figures("resume-large", count, runs, (60, 25), (600, 300), bounded=not bench.quick)


def resumed(bench: Bench, sizes: Sequence[int], count: int, rounds: int) -> list[Resumed]:
    """The store is made once and grows by some records a round."""
    with own_server(bench) as server, resuming(bench.ours, server, sizes, count) as resume_once:
        resume_once()  # so that files are warm
        return [resume_once() for _ in range(rounds)]


@contextmanager
def resuming(side: Side, server: Server, sizes: Sequence[int], count: int) -> Iterator[Callable[[], Resumed]]:
    """What goes on with a run that has made `count` records, which are there while the block runs."""
    config = side.config(f"resume-{count}.toml", sizes, server.base_url)
    rounds = itertools.count(1)
    with made_store(side, config, count) as output:
        yield lambda: _resume(side, server, config, output, count * RECORD_USD + next(rounds) * ROUND_USD)


@contextmanager
def made_store(side: Side, config: Path, count: int) -> Iterator[Path]:
    """The output directory of a run that made `count` records."""
    output, begun = side.scratch / f"store-{count}", time.monotonic()
    try:
        side.make_store(config, output, count)
        os.sync()  # so that nothing of it is still being written while something is measured
        print(f"  made a store of {count:,} records in {time.monotonic() - begun:.0f} s", flush=True)
        yield output
    finally:
        shutil.rmtree(output, ignore_errors=True)


def _resume(side: Side, server: Server, config: Path, output: Path, cap: float) -> Resumed:
    """One run, which the spend cap ends soon after it began to send: a limit would change how a run compares."""
    server.reset()
    finished = side.asyncsynth(
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
