#!/usr/bin/env python3
"""What gates cost an answer: prints JSON, microseconds of CPU.

Usage: looked_at.py ANSWERS WORDS
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from asyncsynth.config.gates import GateSection
from asyncsynth.quality.gates import Gates
from asyncsynth.quality.repeated import EarlierAnswers

ASKED = {"words": {"min": 20}, "forbid": ["(?i)as an ai", r"\[[A-Z]+\]"], "refusal": True}
PARTS = 20  # of the answers, timed each for itself: others on the machine slow some of them down


def answers(count: int, words: int) -> list[str]:
    """Stories, by how they look: capitals, commas, quotation marks, and words as long and as common as in English."""
    rng = random.Random(2022)  # noqa: S311 - no secret
    known = ["".join(rng.choices("etaoinshrdlucmfw", k=rng.choice((2, 3, 3, 4, 5, 6, 8)))) for _ in range(5_000)]
    common = [1 / (rank + 10) for rank in range(len(known))]
    drawn = (" ".join(rng.choices(known, common, k=words)) for _ in range(count))
    return [text.replace(" e", ". E").replace(" ta", ", \u2018ta") for text in drawn]


def cost_us(look: Callable[[str], Any], texts: list[str]) -> float:
    """CPU time of one, in the middle one of all parts."""
    size = len(texts) // PARTS
    taken = []
    for at in range(0, size * PARTS, size):
        begun = time.process_time()
        for text in texts[at : at + size]:
            look(text)
        taken.append((time.process_time() - begun) / size * 1e6)
    return sorted(taken)[PARTS // 2]


def main() -> None:
    texts = answers(int(sys.argv[1]), int(sys.argv[2]))
    gates, seen = Gates(GateSection.model_validate(ASKED)), EarlierAnswers(0.5)
    found = {
        "gates": cost_us(lambda text: gates.rejection(text, "stop"), texts),
        "near_duplicates": cost_us(seen.add, texts),
        "counting": cost_us(lambda text: len(text.split()), texts),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
