"""The training examples rendered anew from answers that are there, because the record template changed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench, median
from benchmarks.children import ChildFailed, Finished
from benchmarks.figures import Figure
from benchmarks.scale import made_store
from benchmarks.sides import lines_of

# Axes whose combinations are exactly the records that are there, so that no call is left to make.
HUNDRED_THOUSAND, MILLION = (10, 20, 20, 25), (25, 40, 40, 25)
QUICK_SMALLER, QUICK_LARGER = (5, 10, 10, 10), (10, 10, 10, 20)
NO_ENDPOINT = "http://127.0.0.1:1/v1"
RENDERED = re.compile(r"([\d,]+) training prompts rendered anew")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A run that renders all, and memory beyond that of the same run where nothing is to be rendered."""

    seconds: float
    peak_mb: float
    beyond_keys_mb: float


def view(bench: Bench) -> Iterator[Figure]:
    """A million training examples rendered anew after a change of record.prompt; beside a hundred thousand."""
    smaller, larger = (QUICK_SMALLER, QUICK_LARGER) if bench.quick else (HUNDRED_THOUSAND, MILLION)
    few, many = _rendered(bench, smaller), _rendered(bench, larger)
    counts = [math.prod(sizes) for sizes in (smaller, larger)]
    times = [run.seconds for run in many]
    must, goal = (None, None) if bench.quick else (30, 15)
    what = f"view of {counts[1]:,} records rendered anew"
    yield Figure("view", f"{what}: the whole run", median(times), "s", must, goal, samples=times)
    for count, runs in zip(counts, (few, many), strict=True):
        peaks = [run.peak_mb for run in runs]
        yield Figure("view", f"peak memory, {count:,} records rendered anew", median(peaks), "MB", samples=peaks)
    beyond = [[run.beyond_keys_mb for run in runs] for runs in (few, many)]
    grown = median(beyond[1]) - median(beyond[0])
    facts = {"beyond_keys_mb": dict(zip(map(str, counts), beyond, strict=True))}
    what = f"memory beyond the key sets, {counts[1]:,} records less {counts[0]:,}"
    yield Figure("view", what, grown, "MB", 10, 3, facts=facts)


def _rendered(bench: Bench, sizes: Sequence[int]) -> list[Rendered]:
    """Another template each round."""
    side, count = bench.ours, math.prod(sizes)
    config = side.config(f"view-{count}.toml", sizes, NO_ENDPOINT)
    with made_store(side, config, count) as output:
        return [_render(bench, config, output, count, f"Round {number}. ") for number in range(bench.rounds)]


def _render(bench: Bench, config: Path, output: Path, count: int, opening: str) -> Rendered:
    def run() -> Finished:
        template = json.dumps(f"{opening}Genre: {{{{ genre }}}}\n\nPlot outline: ")
        changed = ("--set", f"record.prompt={template}", "--set", "output.raw_log=false")
        return bench.ours.asyncsynth("run", "--config", config, "--output", output, *changed)

    rendering, unchanged = run(), run()
    _check(rendering, output / "records.jsonl", count, opening)
    return Rendered(rendering.wall_s, rendering.peak_mb, rendering.peak_mb - unchanged.peak_mb)


def _check(rendering: Finished, records: Path, count: int, opening: str) -> None:
    """Raises ChildFailed unless the run said that it rendered all records, and did."""
    said = RENDERED.search(rendering.output)
    with records.open(encoding="utf-8") as file:
        prompt = json.loads(file.readline())["prompt"]
    made = lines_of(records)
    if said is None or int(said[1].replace(",", "")) != count or made != count or not prompt.startswith(opening):
        raise ChildFailed(
            f"{count} records were to be rendered anew; {made} are there, the first of them for {prompt!r}:\n"
            f"{rendering.output[-3000:]}"
        )
