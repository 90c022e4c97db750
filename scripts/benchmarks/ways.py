"""What a sample costs over each wire format beside chat, and over aiohttp's connections beside our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

from benchmarks.bench import FEW, Bench, in_turn, median, ratios
from benchmarks.figures import Figure
from benchmarks.overhead import CONCURRENCY, Cost, cost_of
from benchmarks.recipes import SMALL
from benchmarks.servers import fast_server

# What bounds an answer, which the config of all rows has by its name in chat.
BOUNDS = {
    "chat": "max_tokens",
    "completions": "max_tokens",
    "responses": "max_output_tokens",
    "anthropic": "max_tokens",
    "gemini": "maxOutputTokens",
}


def wires(bench: Bench) -> Iterator[Figure]:
    """CPU a sample of each wire format over that of chat, all measured in turns."""
    count = bench.size(20_000, 4_000)
    with ExitStack() as servers:
        runs = []
        for api, bound in BOUNDS.items():
            server = servers.enter_context(fast_server(bench, api=api))
            config = bench.ours.config(f"{api}.toml", SMALL, server.base_url)
            options = ("--set", f"endpoint.api={api}", "--set", f"endpoint.parameters={{{bound} = 200}}")
            bench.ours.run(config, FEW, CONCURRENCY, *options)  # so that files are warm
            runs.append(partial(cost_of, bench.ours, config, count, *options, raw_log=False))
        costs = dict(zip(BOUNDS, in_turn(bench.rounds, runs), strict=True))
    yield from _over_the_first("wires", costs)


def transport(bench: Bench) -> Iterator[Figure]:
    """CPU a sample over aiohttp's ClientSession, which opens a connection for each call, over that of our own."""
    count = bench.size(10_000, 2_000)
    with fast_server(bench) as server:
        config = bench.ours.config("small.toml", SMALL, server.base_url)
        ways = {
            "own connections": (),
            "own connections, one for each call": ("--set", "endpoint.keep_alive=false"),
            "ClientSession": ("--set", "endpoint.transport=aiohttp"),
        }
        runs = [partial(cost_of, bench.ours, config, count, *options, raw_log=False) for options in ways.values()]
        costs = dict(zip(ways, in_turn(bench.rounds, runs), strict=True))
    yield from _over_the_first("transport", costs)


def _over_the_first(row: str, costs: dict[str, list[Cost]]) -> Iterator[Figure]:
    cpu_us = {name: [cost.cpu_us for cost in of] for name, of in costs.items()}
    first, *others = cpu_us
    for name in others:
        over = ratios(cpu_us[name], cpu_us[first])
        yield Figure(row, f"CPU a sample, {name} / {first}", median(over), "x", samples=over)
    for name, of in cpu_us.items():
        yield Figure(row, f"CPU a sample, {name}", median(of), "us", samples=of)
