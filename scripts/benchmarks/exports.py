"""Training examples exported: how fast, beside a loop that only parses and writes them, and in how much memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import SCRIPTS, Bench, in_turn, median, ratios
from benchmarks.children import ChildFailed
from benchmarks.figures import Figure
from benchmarks.scale import made_store
from benchmarks.sides import lines_of

FEW, MANY = (10, 10, 10, 10), (10, 20, 20, 25)
QUICK_FEW, QUICK_MANY = (5, 5, 5, 4), (5, 10, 10, 4)
NO_ENDPOINT = "http://127.0.0.1:1/v1"
FORMATS = ("completions", "chat")
MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Exported:
    """A whole process, and what it wrote."""

    cpu_s: float
    peak_mb: float
    mb: float


def export(bench: Bench) -> Iterator[Figure]:
    """A hundred thousand examples as JSONL; their speed is what they take beyond ten thousand of them."""
    few, many = (QUICK_FEW, QUICK_MANY) if bench.quick else (FEW, MANY)
    less, more = math.prod(few), math.prod(many)
    config = bench.ours.config("export.toml", many, NO_ENDPOINT)
    with made_store(bench.ours, config, less) as small, made_store(bench.ours, config, more) as large:
        for name in FORMATS:
            part, whole, bare = in_turn(
                bench.rounds,
                [
                    lambda name=name: _export(bench, config, small, name, less),
                    lambda name=name: _export(bench, config, large, name, more),
                    lambda: _bare(bench, large),
                ],
            )
            yield from _figures(bench, name, part, whole, [run.cpu_s for run in bare])


def _figures(
    bench: Bench, name: str, part: list[Exported], whole: list[Exported], bare: list[float]
) -> Iterator[Figure]:
    must, goal = (None, None) if bench.quick else (100, 150)
    speeds = [(all_.mb - some.mb) / (all_.cpu_s - some.cpu_s) for some, all_ in zip(part, whole, strict=True)]
    yield Figure("export", f"{name}: MB a second of CPU", median(speeds), "MB", must, goal, True, speeds)
    over = ratios([run.cpu_s for run in whole], bare)
    yield Figure("export", f"{name}: CPU over that of a loop of loads and dumps", median(over), samples=over)
    grown = [all_.peak_mb - some.peak_mb for some, all_ in zip(part, whole, strict=True)]
    bounds = (None, None) if bench.quick else (5, 2)
    yield Figure("export", f"{name}: memory beyond that of a tenth", median(grown), "MB", *bounds, samples=grown)


def _export(bench: Bench, config: Path, output: Path, name: str, count: int) -> Exported:
    """Raises ChildFailed unless so many examples were written."""
    to = bench.scratch / "exported.jsonl"
    done = bench.ours.asyncsynth(
        "export", "--config", config, "--output", output, "--format", name, "--to", to, "--force"
    )
    if (made := lines_of(to)) != count:
        raise ChildFailed(f"{made} examples instead of {count}:\n{done.output[-3000:]}")
    return Exported(done.cpu_s, done.peak_mb, to.stat().st_size / MEGA)


def _bare(bench: Bench, output: Path) -> Exported:
    to = bench.scratch / "bare.jsonl"
    done = bench.ours.script(SCRIPTS / "bare_export.py", output / "records.jsonl", to)
    return Exported(done.cpu_s, done.peak_mb, to.stat().st_size / MEGA)
