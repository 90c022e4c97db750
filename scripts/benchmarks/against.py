"""Our revision over another one, both measured in turns, so that a change can be judged on any machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from benchmarks.bench import FEW, Bench, in_turn, median, ratios
from benchmarks.figures import Figure
from benchmarks.overhead import CONCURRENCY, cost_of, starts
from benchmarks.recipes import MILLION, SMALL, TEN_MILLION
from benchmarks.scale import Resumed, resuming
from benchmarks.servers import fast_server, own_server, steady_simulator
from benchmarks.sides import Side
from benchmarks.waiting import CASES, LATENCY_S

STARTS_A_ROUND = 4  # they are short, and their bound leaves no room for noise
LARGE_ROUNDS = 2


def cpu(bench: Bench, theirs: Side) -> Iterator[Figure]:
    """CPU a sample of whole processes, less what starting and ending takes."""
    count = bench.size(20_000, 4_000)
    sides = (bench.ours, theirs)
    with fast_server(bench) as server:
        configs = [side.config("small.toml", SMALL, server.base_url) for side in sides]
        for side, config in zip(sides, configs, strict=True):
            side.run(config, FEW, CONCURRENCY, raw_log=True)  # so that files are warm
        for raw_log in (False, True):
            measure = partial(cost_of, samples=count, raw_log=raw_log)
            runs = [partial(measure, side, config) for side, config in zip(sides, configs, strict=True)]
            ours, other = in_turn(bench.rounds, runs)
            cpu_us = [[cost.cpu_us for cost in costs] for costs in (ours, other)]
            peaks = [[cost.peak_mb for cost in costs] for costs in (ours, other)]
            named = f"raw_log {'on' if raw_log else 'off'}"
            yield _ratio("cpu", f"CPU a sample, {named}", theirs, cpu_us, (1.08, 1.0), "us")
            yield _ratio("cpu", f"peak memory of {count:,} samples, {named}", theirs, peaks, (None, None), "MB")


def startup(bench: Bench, theirs: Side) -> Iterator[Figure]:
    """From the start of the process to the first request on the wire."""
    ours, other, empty = starts(bench, (bench.ours, theirs), STARTS_A_ROUND * bench.rounds)
    yield _ratio("startup", "process start to first request", theirs, (ours, other), (1.0, 0.75), "s")
    over = ratios(ours, empty)
    yield Figure("startup", "ours / python -c 'import asyncio'", median(over), "x", 4.7, 3.5, samples=over)


def latency(bench: Bench, theirs: Side) -> Iterator[Figure]:
    """Wall time from process start to exit, where calls take their time."""
    sides = (bench.ours, theirs)
    with steady_simulator(bench, LATENCY_S) as base_url:
        configs = [side.config("small.toml", SMALL, base_url) for side in sides]
        for side, config in zip(sides, configs, strict=True):
            side.run(config, 100, 100)  # so that files, and the simulator, are warm
        for samples, concurrency, *_ in CASES:
            count = bench.size(samples, samples // 2)
            runs = [
                partial(side.run, config, count, concurrency, raw_log=True)
                for side, config in zip(sides, configs, strict=True)
            ]
            wall_s = [[run.wall_s for run in runs] for runs in in_turn(bench.rounds, runs)]
            what = f"makespan of {count:,} samples at 0.5 s, concurrency {concurrency:,}"
            yield _ratio("latency", what, theirs, wall_s, (1.01, 1.0), "s")


def resume(bench: Bench, theirs: Side) -> Iterator[Figure]:
    """To the first new request where a million records are there; both stores are there at once."""
    count = bench.size(1_000_000, 50_000)
    with own_server(bench) as server, ExitStack() as stores:
        runs = [stores.enter_context(resuming(side, server, MILLION, count)) for side in (bench.ours, theirs)]
        in_turn(1, runs)  # so that files are warm
        ours, other = in_turn(bench.rounds, runs)
    yield from _resume_figures("resume", bench, theirs, count, (ours, other), (1.2, 1.0), (110, 90))


def resume_large(bench: Bench, theirs: Side) -> Iterator[Figure]:
    """The same with ten million; one store after the other, as both together fill disks and page caches (30 GB)."""
    count = bench.size(10_000_000, 200_000)
    measured = []
    for side in (bench.ours, theirs):
        with own_server(bench) as server, resuming(side, server, TEN_MILLION, count) as resume_once:
            resume_once()  # so that files are warm
            measured.append([resume_once() for _ in range(min(LARGE_ROUNDS, bench.rounds))])
    yield from _resume_figures("resume-large", bench, theirs, count, measured, (1.3, 1.0), (400, 270))


def _resume_figures(
    row: str,
    bench: Bench,
    theirs: Side,
    count: int,
    measured: Sequence[Sequence[Resumed]],
    times: tuple[float, float],
    megabytes: tuple[float, float],
) -> Iterator[Figure]:
    """Bounds on memory hold for the full number of records only."""
    what = f"resume, {count:,} records there"
    first_s = [[run.first_s for run in runs] for runs in measured]
    peaks = [[run.peak_mb for run in runs] for runs in measured]
    yield _ratio(row, f"{what}: to the first request", theirs, first_s, times, "s")
    must, goal = (None, None) if bench.quick else megabytes
    yield Figure(row, f"{what}: peak memory of ours", median(peaks[0]), "MB", must, goal, samples=peaks[0])
    yield _ratio(row, f"{what}: peak memory", theirs, peaks, (None, None), "MB")


def _ratio(
    row: str,
    what: str,
    theirs: Side,
    measured: Sequence[Sequence[float]],
    bounds: tuple[float | None, float | None],
    unit: str,
) -> Figure:
    """Ours over theirs; what both took is in the facts."""
    ours, other = measured
    over = ratios(ours, other)
    detail = f"({median(ours):.3g} / {median(other):.3g} {unit})"
    best = min(ours) / min(other)  # tells more than the median where others use the machine, too
    facts = {"best": best, "unit": unit, "ours": list(ours), theirs.name: list(other)}
    what = f"{what}, ours / {theirs.name}"
    return Figure(row, what, median(over), "x", *bounds, samples=over, detail=detail, facts=facts)
