"""The sketches that share a band are found, in whichever slot they stand."""

from __future__ import annotations

import random

import pytest

from asyncsynth.quality import bands
from asyncsynth.quality.bands import BANDS, Bands, Part, rows_of_a_band


def drawn(rng: random.Random, slots: int) -> Bands:
    """Bands that belong into the first so many slots."""
    return [rng.randrange(slots) for _ in range(BANDS)], bytes(rng.randrange(1, 256) for _ in range(BANDS))


@pytest.mark.parametrize("slots", [3, 112])
def test_each_is_found_where_its_slot_is_taken(monkeypatch: pytest.MonkeyPatch, slots: int) -> None:
    monkeypatch.setattr(bands, "_SLOTS", 112)
    rng = random.Random(slots)
    kept, part = [], Part()
    while not part.full:
        kept.append(drawn(rng, slots))
        part.enter(kept[-1])
    assert 7 <= len(kept) <= 9  # whose bands take all slots, and some of those behind them
    for place, sketch in enumerate(kept):
        assert all(place in part.met(([slot], bytes([tag]))) for slot, tag in zip(*sketch, strict=True))


def test_what_is_taken_back_leaves_the_others_as_they_were() -> None:
    first, second, part = ([5] * BANDS, bytes(range(1, 17))), ([5] * BANDS, bytes(range(101, 117))), Part()
    assert part.enter(first) == set()
    assert part.enter(first) == {0}
    part.take_back(first)
    assert part.enter(second) == set()
    assert part.met(first) == {0}
    assert part.met(second) == {1}


def test_hardly_anything_else_is_met() -> None:
    rng = random.Random(2)
    part = Part()
    for _ in range(2_000):
        part.enter(drawn(rng, bands._SLOTS))
    assert sum(len(part.met(drawn(rng, bands._SLOTS))) for _ in range(1_000)) < 100


@pytest.mark.parametrize(("threshold", "rows"), [(0.1, 1), (0.5, 3), (0.6, 4), (0.8, 8), (1.0, 8)])
def test_a_high_threshold_makes_long_bands(threshold: float, rows: int) -> None:
    assert rows_of_a_band(threshold) == rows
