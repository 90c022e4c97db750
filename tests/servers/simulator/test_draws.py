from __future__ import annotations

import math
import statistics

import pytest

from asyncsynth.servers.simulator.draws import fingerprint, integers, lognormal, seed_key, share


def test_the_same_seed_and_bytes_draw_the_same() -> None:
    assert integers(seed_key(1), b"x") == integers(seed_key(1), b"x")
    assert len({integers(seed_key(seed), data) for seed in (-1, 0, 1, 2**100) for data in (b"", b"x")}) == 8


def test_fingerprints_are_16_bytes_and_differ() -> None:
    assert len(fingerprint(b"")) == 16
    assert fingerprint(b"a") != fingerprint(b"b")


def test_shares_spread_evenly_below_one() -> None:
    drawn = [share(integers(seed_key(0), b"%d" % number)[0]) for number in range(4000)]
    assert 0 <= min(drawn) < 0.01
    assert 0.99 < max(drawn) < 1
    assert statistics.fmean(drawn) == pytest.approx(0.5, abs=0.02)
    assert share(2**64 - 1) < 1


def test_lognormal_has_its_median_and_sigma() -> None:
    drawn = [lognormal(2.0, 0.5, *integers(seed_key(0), b"%d" % number)[:2]) for number in range(4000)]
    assert statistics.median(drawn) == pytest.approx(2.0, rel=0.05)
    assert statistics.stdev(map(math.log, drawn)) == pytest.approx(0.5, rel=0.05)


def test_lognormal_without_spread_is_its_median() -> None:
    assert lognormal(0.3, 0.0, 1, 2) == 0.3
    assert lognormal(0.0, 0.5, 1, 2) == 0.0
