"""Reads a judge's answer by its schema again and again, and prints JSON: microseconds of CPU for each, by its form."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from asyncsynth.quality.judging import Rubric

RUBRIC = {line: {"5": "All of it.", "1": "None of it."} for line in ("detail", "style", "plot")}
JUDGEMENT = {
    "reason": "Every scene says who is there, where, and what comes of it. " * 5,
    "detail": 4,
    "style": 3,
    "plot": 5,
}
STORY = "Mira ran the ferry alone since her father drowned. " * 60


def main() -> None:
    rounds, answer = int(sys.argv[1]), json.dumps(JUDGEMENT)
    rubric = Rubric.of(RUBRIC, "rubric")
    forms: dict[str, Callable[[], object]] = {
        "bare": lambda: rubric.read(answer, STORY),
        "fenced": lambda: rubric.read(f"```json\n{answer}\n```", STORY),
        "asked": lambda: rubric.asked(STORY, STORY),
    }
    print(json.dumps({form: _microseconds(call, rounds) for form, call in forms.items()}))


def _microseconds(call: Callable[[], object], rounds: int) -> float:
    begun = time.process_time()
    for _ in range(rounds):
        call()
    return (time.process_time() - begun) / rounds * 1e6


if __name__ == "__main__":
    main()
