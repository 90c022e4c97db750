"""One pass over all records."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from asyncsynth.outputs.survey import choosing, coverage, tallies
from asyncsynth.outputs.survey.frequent import Frequent
from asyncsynth.outputs.survey.gathering import Gathering


def records(number: int) -> Iterator[dict[str, Any]]:
    """Of a recipe whose every combination and opening is new."""
    for at in range(number):
        text = f"{at} is the number {at * at} of words " + "and so on " * 20
        yield {"key": f"{at:032x}", "combination": {"row": at, "mood": at % 7}, "prompt": "", "completion": text}


def peak(number: int) -> int:
    """Bytes."""
    tracemalloc.start()
    try:
        gathering = Gathering(20)
        for record in records(number):
            gathering.record(record)
        gathering.found()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "Frequent", lambda: Frequent(most=100))  # so that a small set is a large one
    monkeypatch.setattr(coverage, "_TOGETHER", 100)
    monkeypatch.setattr(choosing, "COMPARED", 100)
    peak(300)  # whatever is loaded or remembered once
    assert peak(900) < 1.2 * peak(300)
