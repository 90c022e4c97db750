"""Why somebody should look at a record before training on it, in words; nothing here rejects anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_APOSTROPHE = "['\u2019]"
_REFUSAL = re.compile(
    rf"\W*(?:i{_APOSTROPHE}m (?:really |very )?sorry|i am sorry|sorry, (?:but )?i|i apologi[sz]e"
    rf"|i (?:can{_APOSTROPHE}?t|cannot|can not)\b|i{_APOSTROPHE}?a?m (?:unable|not able)|as an ai\b"
    r"|unfortunately, i (?:can|am))",
    re.IGNORECASE,
)
LOW_SCORE = 2
_FAR = 4  # times as long as the median, or a fourth of it


def doubts_of(record: Mapping[str, Any], answer: str) -> Iterator[str]:
    """What a record tells by itself; `answer` is what a model would learn to say."""
    if record.get("finish_reason") == "length":
        yield "cut off at max_tokens"
    if not answer.strip():
        yield "empty"
    elif _REFUSAL.match(answer[:80]):
        yield "reads like a refusal"
    for flag in record.get("flags") or ():
        yield f"flagged: {flag}"
    for _, line, score in scores_of(record):
        if score <= LOW_SCORE:
            yield f"{line}: {score}"


def length_doubt(words: int, median: int) -> str | None:
    """What is odd about a length, where most are about as long as the median."""
    if median < 8:
        return None  # labels and the like
    if words * _FAR <= median:
        return "much shorter than most"
    return "much longer than most" if words >= median * _FAR else None


def scores_of(record: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """(step, line of the rubric, score) of each judge of a record."""
    for step, told in (record.get("steps") or {}).items():
        for line, score in ((told or {}).get("scores") or {}).items():
            if isinstance(score, int | float):
                yield step, line, int(score)
