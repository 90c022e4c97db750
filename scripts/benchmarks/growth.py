"""How cost per sample, memory and resume time grow with samples, concurrency and the size of answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.overhead import cost_of
from benchmarks.recipes import MILLION
from benchmarks.scale import resumed
from benchmarks.servers import fast_server

SAMPLES = (2_000, 10_000, 50_000)
CONCURRENCY = (8, 64, 512, 2_000)
TEXT_BYTES = (640, 6_400, 64_000)
RECORDS = (1_000, 10_000, 100_000, 1_000_000)
LABELS = {
    "samples": "samples",
    "concurrency": "concurrency",
    "text_bytes": "bytes of an answer",
    "records": "records that are there",
    "cpu_us": "CPU a sample, us",
    "resume_s": "to the first request, s",
    "peak_mb": "peak memory, MB",
}
QUICK = 2  # sizes of each that --quick measures

Point = dict[str, float]


def growth(bench: Bench) -> dict[str, Any]:
    """{"samples" | "concurrency" | "text_bytes" | "records": [{"size", "cpu_us" | "resume_s", "peak_mb"}, ...]}."""
    return {
        "samples": [_point(bench, size, samples=size) for size in _sizes(bench, SAMPLES)],
        "concurrency": [_point(bench, size, concurrency=size) for size in _sizes(bench, CONCURRENCY)],
        "text_bytes": [_point(bench, size, text_bytes=size) for size in _sizes(bench, TEXT_BYTES)],
        "records": [_resume_point(bench, size) for size in _sizes(bench, RECORDS)],
    }


def plot(grown: dict[str, list[Point]], path: Path) -> bool:
    """A chart of each; False where there is no matplotlib."""
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415 - no requirement of asyncsynth
    except ImportError:
        return False
    figure, rows = plt.subplots(2, len(grown), figsize=(3 * len(grown), 5), constrained_layout=True)
    for column, (name, points) in enumerate(grown.items()):
        sizes = [point["size"] for point in points]
        for row, value in zip(rows, (next(iter(points[0].keys() - {"size", "peak_mb"})), "peak_mb"), strict=True):
            axes = row[column]
            axes.semilogx(sizes, [point[value] for point in points], "o-")
            axes.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
            axes.minorticks_off()
            axes.set(xlabel=LABELS[name], title=LABELS[value], ylim=(0, 1.1 * max(point[value] for point in points)))
    figure.savefig(path, dpi=70)
    return True


def _sizes(bench: Bench, sizes: Sequence[int]) -> Sequence[int]:
    return sizes[:QUICK] if bench.quick else sizes


def _point(bench: Bench, size: int, *, samples: int = 10_000, concurrency: int = 64, text_bytes: int = 640) -> Point:
    with fast_server(bench, text_bytes) as server:
        config = bench.ours.config("growth.toml", MILLION, server.base_url)
        cost = cost_of(bench.ours, config, samples, concurrency=concurrency, raw_log=True)
    return {"size": size, "cpu_us": round(cost.cpu_us, 1), "peak_mb": round(cost.peak_mb, 1)}


def _resume_point(bench: Bench, size: int) -> Point:
    run = resumed(bench, MILLION, size, 1)[0]
    return {"size": size, "resume_s": round(run.first_s, 3), "peak_mb": round(run.peak_mb, 1)}
