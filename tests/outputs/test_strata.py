"""Splits that give each value of an axis its shares."""

from __future__ import annotations

from collections import Counter
from typing import Any

from asyncsynth.outputs.shares import shares_of
from asyncsynth.outputs.strata import StratifiedShares
from tests.outputs.records import record

SHARES = shares_of("train=0.8,validation=0.1,test=0.1")


def records(start: int, end: int) -> list[dict[str, Any]]:
    """Nine in ten are of one genre."""
    return [
        record(number, combination={"genre": "rare" if number % 10 == 0 else "common"}) for number in range(start, end)
    ]


def split(those: list[dict[str, Any]]) -> dict[str, str]:
    strata = StratifiedShares(SHARES, lambda each: str(each["combination"]["genre"]), those)
    return {each["key"]: strata.of(each) for each in those}


def test_each_value_has_its_shares_to_within_one_sample() -> None:
    those = records(0, 1000)
    found = split(those)
    counts = Counter((each["combination"]["genre"], found[each["key"]]) for each in those)
    assert counts == {
        ("common", "train"): 720,
        ("common", "validation"): 90,
        ("common", "test"): 90,
        ("rare", "train"): 80,
        ("rare", "validation"): 10,
        ("rare", "test"): 10,
    }


def test_a_value_with_few_samples_gets_what_there_is() -> None:
    counts = Counter(split(records(1, 10)).values())
    assert counts == {"train": 7, "validation": 1, "test": 1}
    assert Counter(split(records(1, 2)).values()) == {"train": 1}


def test_samples_that_are_added_move_only_those_at_a_border() -> None:
    before, after = split(records(0, 2000)), split(records(0, 2200))
    moved = [key for key, place in before.items() if after[key] != place]
    assert len(moved) < 60
    assert not any({before[key], after[key]} == {"train", "test"} for key in moved)
