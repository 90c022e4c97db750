"""Splits by a hash of the key: even, and whatever is added later moves nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.outputs.shares import Shares, shares_of

KEYS = [UUID(int=number).hex for number in range(10_000)]


def test_each_split_gets_its_share() -> None:
    shares = shares_of("train=0.8, validation=0.15, test=0.05")
    counts = Counter(map(shares.of, KEYS))
    assert counts["train"] == pytest.approx(8000, abs=150)
    assert counts["validation"] == pytest.approx(1500, abs=150)
    assert counts["test"] == pytest.approx(500, abs=80)


def test_a_sample_stays_where_it_is_whatever_else_is_there() -> None:
    """The split is a function of the key alone, and the same in every version: data that was held out stays so."""
    shares = shares_of("train=0.5,validation=0.5")
    first = ["validation", "validation", "train", "validation", "train", "train", "validation", "validation"]
    assert [shares.of(key) for key in KEYS[:8]] == first


def test_a_larger_share_only_adds() -> None:
    small, large = shares_of("train=0.7,test=0.3"), shares_of("train=0.9,test=0.1")
    assert all(large.of(key) == "train" for key in KEYS if small.of(key) == "train")


def test_without_a_split_all_is_in_one_place() -> None:
    assert {Shares({"train": 1.0}).of(key) for key in KEYS[:100]} == {"train"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("train=0.9", "add up to 0.9"),
        ("train=0.9,validation=0.2", "add up to 1.1"),
        ("train=0.9,train=0.1", "train appears twice"),
        ("train=1,validation=0", "must be above 0"),
        ("train=0.5,../x=0.5", "can't name a split"),
        ("train=0.5,CON=0.5", "can't name a split"),
        ("train", "has no share"),
        ("train=most", "has no share"),
        ("train=nan,test=0.5", "must be above 0"),
        ("", "has no share"),
    ],
)
def test_shares_that_make_no_sense_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        shares_of(text)


@pytest.mark.parametrize("shares", [{"train": 0.1 * 3, "validation": 0.7}, {str("abc"[n]): 1 / 3 for n in range(3)}])
def test_shares_that_add_up_but_for_rounding_are_taken(shares: Mapping[str, float]) -> None:
    assert Shares(shares).names == tuple(shares)
