"""What a sample costs beside a bare loop, what a run keeps in memory, and how fast it starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import FEW, Bench, in_turn, median, ratios
from benchmarks.children import finish
from benchmarks.figures import Figure
from benchmarks.recipes import SMALL, TEN_MILLION, write_config
from benchmarks.servers import fast_server, own_server

CONCURRENCY = 64


def cpu(bench: Bench) -> Iterator[Figure]:
    """CPU a sample of whole processes, less what starting and ending takes, over that of the bare loops."""
    count = bench.size(20_000, 4_000)
    with fast_server(bench) as server:
        config = write_config(bench.scratch / "small.toml", SMALL, server.base_url)

        def ours(samples: int, *, raw_log: bool) -> float:
            return bench.run(config, samples, CONCURRENCY, raw_log=raw_log).cpu_s

        def bare(kind: str, samples: int) -> float:
            return bench.script("bare_loop.py", server.base_url, samples, CONCURRENCY, kind).cpu_s

        ours(FEW, raw_log=True)  # so that files are warm
        sides = (
            lambda: ours(count, raw_log=False) - ours(FEW, raw_log=False),
            lambda: bare("plain", count) - bare("plain", FEW),
            lambda: ours(count, raw_log=True) - ours(FEW, raw_log=True),
            lambda: bare("lean", count) - bare("lean", FEW),
        )
        measured = in_turn(bench.rounds, sides)
        micros = [[1e6 * seconds / (count - FEW) for seconds in side] for side in measured]
        kind = server.kind
    off, plain, on, lean = micros
    facts = {"samples": count, "concurrency": CONCURRENCY, "server": kind}
    for name, side in (("raw_log off", off), ("raw_log on", on)):
        over = ratios(side, plain)
        yield Figure("cpu", f"CPU a sample / bare loop, {name}", median(over), "x", 1.5, 1.0, samples=over, facts=facts)
    over = ratios(off, lean)
    yield Figure("cpu", "the same / leanest bare loop, raw_log off", median(over), "x", samples=over)
    named = (("asyncsynth, raw_log off", off), ("asyncsynth, raw_log on", on), ("bare loop", plain), ("leanest", lean))
    for name, side in named:
        yield Figure("cpu", f"CPU a sample, {name}", median(side), "us", samples=side)


def memory(bench: Bench) -> Iterator[Figure]:
    """Peak memory: of a recipe of ten million beside one of twenty thousand, and as such."""
    count = bench.size(20_000, 3_000)
    with fast_server(bench) as server:
        small = write_config(bench.scratch / "small.toml", SMALL, server.base_url)
        large = write_config(bench.scratch / "large.toml", TEN_MILLION, server.base_url)

        def peak(config: Path) -> float:
            return bench.run(config, count, CONCURRENCY, raw_log=True).peak_mb

        of_large, of_small = in_turn(bench.rounds, (lambda: peak(large), lambda: peak(small)))
    facts = {"samples": count, "concurrency": CONCURRENCY}
    over = ratios(of_large, of_small)
    what = f"peak memory, {count:,} samples of 10 million / of 20,000"
    yield Figure("memory", what, median(over), "x", 1.1, 1.0, samples=over, facts=facts)
    yield Figure("memory", "peak memory, concurrency 64", median(of_small), "MB", 120, 80, samples=of_small)


def startup(bench: Bench) -> Iterator[Figure]:
    """From the start of the process to the first request on the wire."""
    with own_server(bench) as server:  # nginx can't tell when a call came
        config = write_config(bench.scratch / "small.toml", SMALL, server.base_url)
        bench.run(config, 1, CONCURRENCY)  # so that files are warm
        times, empty = [], []
        for _ in range(2 * bench.rounds + 1):
            server.reset()
            finished = bench.run(config, 1, CONCURRENCY)
            times.append(server.arrivals().first_at - finished.spawned_at)
            empty.append(finish([bench.python, "-c", "import asyncio"], bench.env).wall_s)
    yield Figure("startup", "process start to first request", median(times), "s", 0.7, 0.35, samples=times)
    yield Figure("startup", "for comparison: python -c 'import asyncio'", median(empty), "s", samples=empty)
