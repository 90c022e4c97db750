"""Promises of recipe.exclusion: membership and the exact count agree with going through the whole product."""

from __future__ import annotations

import random
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.recipe.exclusion import MAX_STEPS, Exclusion, TooManyToCount
from tests.conftest import unmeasured

sizes_and_entries = st.lists(st.integers(1, 4), min_size=1, max_size=5).flatmap(
    lambda sizes: st.tuples(
        st.just(sizes),
        st.lists(
            st.dictionaries(st.integers(0, len(sizes) - 1), st.sets(st.integers(0, 3), max_size=3)).map(
                lambda entry: {axis: {value % sizes[axis] for value in values} for axis, values in entry.items()}
            ),
            max_size=6,
        ),
    )
)


def meets(combination: tuple[int, ...], entry: dict[int, set[int]]) -> bool:
    return all(combination[axis] in values for axis, values in entry.items())


@given(sizes_and_entries)
def test_count_and_membership_are_those_of_the_enumerated_product(
    case: tuple[list[int], list[dict[int, set[int]]]],
) -> None:
    sizes, entries = case
    exclusion = Exclusion(sizes, entries)
    excluded = [one for one in product(*map(range, sizes)) if any(meets(one, entry) for entry in entries)]

    assert exclusion.count() == len(excluded)
    assert [one for one in product(*map(range, sizes)) if exclusion.covers(one)] == excluded


def test_a_huge_product_is_counted_without_enumeration() -> None:
    """10**30 combinations, and entries that overlap: 2 * 10**28 less what is counted twice."""
    exclusion = Exclusion([10] * 30, [{0: {1}, 1: {2}}, {28: {3}, 29: {4}}])

    assert exclusion.count() == 2 * 10**28 - 10**26


def drawn(axes: int, size: int, entries: int, named: int) -> Exclusion:
    chance = random.Random(1)
    drawn = [{axis: {chance.randrange(size)} for axis in chance.sample(range(axes), named)} for _ in range(entries)]
    return Exclusion([size] * axes, drawn)


@pytest.mark.parametrize(
    ("axes", "size", "entries", "named"),
    [(1, 40_000, 20_000, 1), (4, 200, 10_000, 4), (4, 50, 500, 2), (6, 20, 100, 2)],
)
def test_many_entries_are_counted_in_seconds(axes: int, size: int, entries: int, named: int) -> None:
    began = time.process_time()

    assert 0 < drawn(axes, size, entries, named).count() < size**axes
    assert time.process_time() - began < 10


@unmeasured
def test_what_would_take_hours_is_refused_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncsynth.recipe.exclusion.MAX_STEPS", MAX_STEPS // 10)
    began = time.process_time()
    with pytest.raises(TooManyToCount):
        drawn(12, 10, 300, 3).count()

    assert time.process_time() - began < 30 / 10
