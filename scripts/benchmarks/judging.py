"""Judges' answers: what it takes to read one by its schema, and to make the request for it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.bench import SCRIPTS, Bench, median
from benchmarks.figures import Figure

ROUNDS, ROUNDS_QUICK = 20_000, 200
FORMS = {
    "bare": "an answer of 350 characters read by its schema",
    "fenced": "the same in a code fence",
    "asked": "a request for 3,000 characters made from the rubric",
}
MUST, GOAL = 50, 15  # a call costs some 110 in all


def judging(bench: Bench) -> Iterator[Figure]:
    """A judge's answer, and the request for it: microseconds of CPU each."""
    rounds = bench.size(ROUNDS, ROUNDS_QUICK)
    measured = [json.loads(bench.ours.script(SCRIPTS / "read_answers.py", rounds).output) for _ in range(bench.rounds)]
    for form, what in FORMS.items():
        must, goal = (MUST, GOAL) if form == "bare" and not bench.quick else (None, None)
        samples = [one[form] for one in measured]
        yield Figure("judging", what, median(samples), "us", must, goal, samples=samples)
