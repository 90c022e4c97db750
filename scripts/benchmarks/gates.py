"""What it costs to look at an answer: its words, what is forbidden, refusals, and whether it repeats another one."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.bench import SCRIPTS, Bench, median
from benchmarks.figures import Figure

WORDS = (110, 500)  # of an answer: as long as the fast server's, and five times that


def gates(bench: Bench) -> Iterator[Figure]:
    """CPU an answer of 640 and of 3,000 characters, beside that of counting its words with str.split."""
    count = bench.size(20_000, 2_000)
    for words in WORDS:
        runs = [_looked_at(bench, count, words) for _ in range(bench.rounds)]
        short = words == WORDS[0] and not bench.quick
        what = f"words, forbid and refusal, an answer of {words} words"
        bounds = (10, 5) if short else (None, None)
        yield _figure(what, runs, "gates", *bounds)
        what = f"near-duplicates among {count:,} answers of {words} words"
        yield _figure(what, runs, "near_duplicates", *((100, 50) if not bench.quick else (None, None)))


def _figure(what: str, runs: list[dict[str, float]], name: str, must: float | None, goal: float | None) -> Figure:
    samples = [run[name] for run in runs]
    over = median([run[name] / run["counting"] for run in runs])
    return Figure("gates", what, median(samples), "us", must, goal, False, samples, f"({over:.1f} x counting)")


def _looked_at(bench: Bench, count: int, words: int) -> dict[str, float]:
    found: dict[str, float] = json.loads(bench.ours.script(SCRIPTS / "looked_at.py", count, words).output)
    return found
