"""Runs against an endpoint that takes its time: how near they come to the ideal of a full pipe."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import Bench, median
from benchmarks.figures import Figure
from benchmarks.recipes import SMALL
from benchmarks.servers import steady_simulator

LATENCY_S = 0.5
CASES = ((2_000, 100, 1.08, 1.03), (20_000, 2_000, 1.35, 1.15))  # samples, concurrency, must and goal


def latency(bench: Bench) -> Iterator[Figure]:
    """Wall time from process start to exit over samples * latency / concurrency."""
    with steady_simulator(bench, LATENCY_S) as base_url:
        config = bench.ours.config("small.toml", SMALL, base_url)
        bench.ours.run(config, 100, 100)  # so that files, and the simulator, are warm
        for samples, concurrency, must, goal in CASES:
            count = bench.size(samples, samples // 2)
            ideal = count * LATENCY_S / concurrency
            runs = [bench.ours.run(config, count, concurrency, raw_log=True) for _ in range(bench.rounds)]
            over = [run.wall_s / ideal for run in runs]
            what = f"{count:,} samples at 0.5 s, concurrency {concurrency:,} / {ideal:g} s"
            facts = {"wall_s": [run.wall_s for run in runs], "cpu_s": [run.cpu_s for run in runs]}
            yield Figure("latency", what, median(over), "x", must, goal, samples=over, facts=facts)
