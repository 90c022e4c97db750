"""What a sample costs beside a bare loop, what a run keeps in memory, and how fast it starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.bench import FEW, SCRIPTS, Bench, in_turn, median, ratios
from benchmarks.certificates import self_signed
from benchmarks.children import finish
from benchmarks.figures import Figure
from benchmarks.recipes import SMALL, TEN_MILLION
from benchmarks.servers import Server, fast_server, own_server, tls_server
from benchmarks.sides import Side

CONCURRENCY = 64


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a run: CPU a sample, less what starting and ending takes, and the peak memory of the process."""

    cpu_us: float
    peak_mb: float


def cost_of(
    side: Side, config: Path, samples: int, *options: object, concurrency: int = CONCURRENCY, raw_log: bool
) -> Cost:
    """`options` are further ones of the command line."""
    many = side.run(config, samples, concurrency, *options, raw_log=raw_log)
    few = side.run(config, FEW, concurrency, *options, raw_log=raw_log)
    return Cost(1e6 * (many.cpu_s - few.cpu_s) / (samples - FEW), many.peak_mb)


def cpu(bench: Bench) -> Iterator[Figure]:
    """CPU a sample of whole processes, less what starting and ending takes, over that of the bare loops."""
    with fast_server(bench) as server:
        measured = _cpu_us(bench, bench.ours, server)
    yield from _cpu_figures("cpu", measured, (1.5, 1.0), {"concurrency": CONCURRENCY, "server": server.kind})


def tls(bench: Bench) -> Iterator[Figure]:
    """The same over TLS, as real services speak nothing else."""
    certificate = self_signed(bench.scratch)
    trusting = bench.ours.with_variables(SSL_CERT_FILE=str(certificate.chain))
    with tls_server(bench, certificate) as server:
        measured = _cpu_us(bench, trusting, server)
    yield from _cpu_figures("tls", measured, (1.1, 1.0), {"concurrency": CONCURRENCY, "server": server.kind})


def _cpu_us(bench: Bench, side: Side, server: Server) -> dict[str, list[float]]:
    """CPU a sample of asyncsynth and of the bare loops."""
    count = bench.size(20_000, 4_000)
    config = side.config("small.toml", SMALL, server.base_url)

    def bare(kind: str) -> float:
        many, few = (
            side.script(SCRIPTS / "bare_loop.py", server.base_url, samples, CONCURRENCY, kind).cpu_s
            for samples in (count, FEW)
        )
        return 1e6 * (many - few) / (count - FEW)

    sides = {
        "asyncsynth, raw_log off": lambda: cost_of(side, config, count, raw_log=False).cpu_us,
        "bare loop": lambda: bare("plain"),
        "asyncsynth, raw_log on": lambda: cost_of(side, config, count, raw_log=True).cpu_us,
        "leanest": lambda: bare("lean"),
    }
    side.run(config, FEW, CONCURRENCY, raw_log=True)  # so that files are warm
    return dict(zip(sides, in_turn(bench.rounds, tuple(sides.values())), strict=True))


def _cpu_figures(
    row: str, measured: dict[str, list[float]], bounds: tuple[float, float], facts: dict[str, Any]
) -> Iterator[Figure]:
    off, plain, on, lean = measured.values()
    for name, side in (("raw_log off", off), ("raw_log on", on)):
        over = ratios(side, plain)
        what = f"CPU a sample / bare loop, {name}"
        yield Figure(row, what, median(over), "x", *bounds, samples=over, facts=facts)
    over = ratios(off, lean)
    yield Figure(row, "the same / leanest bare loop, raw_log off", median(over), "x", samples=over)
    for name, side in measured.items():
        yield Figure(row, f"CPU a sample, {name}", median(side), "us", samples=side)


def memory(bench: Bench) -> Iterator[Figure]:
    """Peak memory: of a recipe of ten million beside one of twenty thousand, and as such."""
    count = bench.size(20_000, 3_000)
    with fast_server(bench) as server:
        small = bench.ours.config("small.toml", SMALL, server.base_url)
        large = bench.ours.config("large.toml", TEN_MILLION, server.base_url)

        def peak(config: Path) -> float:
            return bench.ours.run(config, count, CONCURRENCY, raw_log=True).peak_mb

        of_large, of_small = in_turn(bench.rounds, (lambda: peak(large), lambda: peak(small)))
    facts = {"samples": count, "concurrency": CONCURRENCY}
    over = ratios(of_large, of_small)
    what = f"peak memory, {count:,} samples of 10 million / of 20,000"
    yield Figure("memory", what, median(over), "x", 1.1, 1.0, samples=over, facts=facts)
    yield Figure("memory", "peak memory, concurrency 64", median(of_small), "MB", 120, 80, samples=of_small)


def startup(bench: Bench) -> Iterator[Figure]:
    """From the start of the process to the first request on the wire."""
    times, empty = starts(bench, (bench.ours,), 2 * bench.rounds + 1)
    over = ratios(times, empty)
    yield Figure("startup", "process start to first request", median(times), "s", 0.7, 0.35, samples=times)
    yield Figure("startup", "the same / python -c 'import asyncio'", median(over), "x", 4.7, 3.5, samples=over)
    yield Figure("startup", "python -c 'import asyncio'", median(empty), "s", samples=empty)


def starts(bench: Bench, sides: Sequence[Side], rounds: int) -> list[list[float]]:
    """Seconds from process start to first request of each side, and at the end those of `import asyncio`."""
    with own_server(bench) as server:  # nginx can't tell when a call came

        def start(side: Side, config: Path) -> float:
            server.reset()
            finished = side.run(config, 1, CONCURRENCY)
            return server.arrivals().first_at - finished.spawned_at

        def nothing() -> float:
            return finish([bench.ours.python, "-c", "import asyncio"], bench.ours.env).wall_s

        configs = [side.config("small.toml", SMALL, server.base_url) for side in sides]
        runs = [partial(start, side, config) for side, config in zip(sides, configs, strict=True)]
        in_turn(1, runs)  # so that files are warm
        return in_turn(rounds, (*runs, nothing))
