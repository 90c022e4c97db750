"""Promises of recipe.groups: the samples of a space, each once, those that are alike on some axes together."""

from __future__ import annotations

import tracemalloc
from itertools import groupby, islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncsynth.recipe.groups import Groups
from asyncsynth.recipe.space import Space
from tests.recipe.test_space import axes_of, texts

Row = tuple[Any, ...]


def rows_of(groups: Groups, space: Space, start: int = 0) -> list[tuple[Row, int]]:
    return [(row, repeat) for _, repeat, rows in groups.rows(space.columns, start) for row in rows]


@settings(max_examples=30)
@given(
    data=st.data(),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    seed=st.integers(0, 99),
    repeats=st.integers(1, 2),
)
def test_groups_hold_the_samples_of_the_space_each_once_and_those_of_a_group_follow_each_other(
    data: st.DataObject, sizes: list[int], seed: int, repeats: int
) -> None:
    axes = axes_of(sizes)
    entry = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in axes.items()})
    exclude = data.draw(st.lists(entry.filter(bool), max_size=2))
    leading = data.draw(st.lists(st.sampled_from(range(len(sizes))), unique=True, min_size=1))
    space = Space(axes, exclude=exclude, repeats=repeats, seed=seed)
    found = rows_of(Groups(space, leading), space)

    walked = ((dict(zip(axes, row, strict=True)), repeat) for row, repeat in found)
    assert sorted(texts(walked)) == sorted(texts(space.walk()))
    groups = [held for held, _ in groupby(tuple(row[number] for number in leading) for row, _ in found)]
    assert len(groups) == len(set(groups))
    start = data.draw(st.integers(0, len(found) + 1))
    assert rows_of(Groups(space, leading), space, start) == found[start:]


def test_each_group_begins_once() -> None:
    space = Space(axes_of([3, 4]), repeats=2)
    assert [begins for begins, _, _ in Groups(space, [0]).rows(space.columns)] == [True, False] * 3


@pytest.mark.parametrize("sizes", [[1000, 100, 100], [10**4, 1000]])
def test_ten_million_samples_are_put_in_groups_in_no_memory_of_their_own(sizes: list[int]) -> None:
    space = Space(axes_of(sizes))
    tracemalloc.start()
    groups = Groups(space, [0])
    rows = (row for _, _, of_group in groups.rows(space.columns, 9_000_000) for row in of_group)
    assert len(set(islice(rows, 2000))) == 2000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000
