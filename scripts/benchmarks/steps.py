"""What an answer costs in a recipe of three steps beside one of one, and what such a run keeps in memory."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.bench import FEW, Bench, in_turn, median, ratios
from benchmarks.figures import Figure
from benchmarks.overhead import CONCURRENCY, cost_of
from benchmarks.recipes import GATED, SMALL, STEPS, write_config
from benchmarks.servers import fast_server

ANSWERS = 3  # of a sample of the recipe of three steps


def steps(bench: Bench) -> Iterator[Figure]:
    """CPU an answer in a recipe of three steps, without and with gates, over that of one step; memory as it grows."""
    count = bench.size(20_000, 3_000)
    with fast_server(bench) as server:
        one = bench.ours.config("one.toml", SMALL, server.base_url)
        three = write_config(bench.ours.scratch / "three.toml", SMALL, server.base_url, STEPS)
        gated = write_config(bench.ours.scratch / "gated.toml", SMALL, server.base_url, GATED)
        few = count // ANSWERS
        measured = in_turn(
            bench.rounds,
            (
                lambda: cost_of(bench.ours, one, count, raw_log=False),
                lambda: cost_of(bench.ours, three, few, raw_log=False),
                lambda: cost_of(bench.ours, gated, few, raw_log=False),
                lambda: cost_of(bench.ours, three, FEW + few // 5, raw_log=False),
            ),
        )
    single, several, with_gates, short = measured
    alone = [cost.cpu_us for cost in single]
    for name, costs, bounds in (("", several, (1.15, 1.05)), (", with gates", with_gates, (None, None))):
        over = ratios([cost.cpu_us / ANSWERS for cost in costs], alone)
        what = f"CPU an answer of three steps / of one{name}"
        facts = {"concurrency": CONCURRENCY, "server": server.kind}
        yield Figure("steps", what, median(over), "x", *bounds, samples=over, facts=facts)
    grown = ratios([cost.peak_mb for cost in several], [cost.peak_mb for cost in short])
    yield Figure("steps", "peak memory / of a fifth of the samples", median(grown), "x", 1.1, 1.02, samples=grown)
