"""The sketches that share a band are found, in whichever bucket they stand."""

from __future__ import annotations

import random

import pytest

from asyncsynth.quality import bands
from asyncsynth.quality.bands import BANDS, Band, Part, rows_of_a_band


def drawn(rng: random.Random, buckets: int) -> list[Band]:
    return [(rng.randrange(1, 256), rng.randrange(buckets)) for _ in range(BANDS)]


def test_each_is_found_where_buckets_are_full_and_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "_BUCKETS", 7)
    monkeypatch.setattr(bands, "CAPACITY", 7)  # 112 bands fill all slots
    rng = random.Random(1)
    kept = [drawn(rng, 3) for _ in range(6)]  # of which most belong into three buckets
    part = Part()
    for sketch in kept:
        part.add(sketch)
    assert not part.full
    for place, sketch in enumerate(kept):
        assert all(place in part.met([band]) for band in sketch)


def test_hardly_anything_else_is_met() -> None:
    rng = random.Random(2)
    part = Part()
    for _ in range(2_000):
        part.add(drawn(rng, 10**9))
    assert sum(len(part.met(drawn(rng, 10**9))) for _ in range(1_000)) < 100


@pytest.mark.parametrize(("threshold", "rows"), [(0.1, 1), (0.5, 3), (0.6, 4), (0.8, 8), (1.0, 8)])
def test_a_high_threshold_makes_long_bands(threshold: float, rows: int) -> None:
    assert rows_of_a_band(threshold) == rows
