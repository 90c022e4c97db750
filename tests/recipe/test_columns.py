"""Promises of recipe.columns: a file of records is a table whose columns have one type each, for any loader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.recipe.columns import Columns
from asyncsynth.values import Value

BIG = 2**63


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (("a", "b"), ("a", "b")),
        ((1, 2, -BIG), (1, 2, -BIG)),
        ((1.0, 2.5), (1.0, 2.5)),
        ((True, False), (True, False)),
        ((1, 2.5), (1.0, 2.5)),
        ((1, BIG), ("1", str(BIG))),
        ((1.5, BIG), ("1.5", str(BIG))),
        # A float can't tell these integers apart.
        ((1.5, 2**53 + 1), ("1.5", "9007199254740993")),
        (("Horror", 1990, "1990", 1.0, 1, True, 1e22), ("Horror", "1990", "1990", "1.0", "1", "true", "1e+22")),
        ((1, True), ("1", "true")),
        ((0.5, False), ("0.5", "false")),
        (({"a": 1}, {"a": 2}), ({"a": 1}, {"a": 2})),
        (({"a": 1}, {"b": "x"}), ({"a": 1, "b": None}, {"a": None, "b": "x"})),
        (({"a": 1}, {"a": 2.5}), ({"a": 1.0}, {"a": 2.5})),
        (({"a": 1, "b": 2}, {"a": "x", "b": 3}), ({"a": "1", "b": 2}, {"a": "x", "b": 3})),
        (({"a": 1, "b": 2}, "x"), ('{"a":1,"b":2}', "x")),
        (({"a": BIG},), ({"a": str(BIG)},)),
    ],
)
def test_an_axis_is_a_column_of_one_type(values: tuple[Value, ...], shown: tuple[Any, ...]) -> None:
    columns = Columns({"axis": values, "other": ("x",)})

    for value, as_shown in zip(values, shown, strict=True):
        made = columns({"axis": value, "other": "x"})
        assert json.dumps(made) == json.dumps({"axis": as_shown, "other": "x"})


def test_a_combination_that_needs_no_change_is_given_back_itself() -> None:
    combination: dict[str, Value] = {"a": "x", "b": 1, "c": {"d": 1.5}}

    assert Columns({"a": ("x",), "b": (1, 2), "c": ({"d": 1.5},)})(combination) is combination


scalars = st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
tables = st.dictionaries(st.sampled_from("abc"), scalars, min_size=1)


@given(st.lists(scalars | tables, min_size=1) | st.lists(tables, min_size=1))
def test_any_values_become_one_type_that_64_bits_hold(values: list[Value]) -> None:
    columns = Columns({"axis": values})
    shown = [columns({"axis": value})["axis"] for value in values]

    for one in shown:
        assert one == json.loads(json.dumps(one))
        assert not isinstance(one, int) or -BIG <= one < BIG
    if any(isinstance(one, Mapping) for one in shown):
        assert len({tuple(one) if len(one) == 1 else frozenset(one) for one in shown}) == 1
        for field in shown[0]:
            assert len({type(one[field]) for one in shown if one[field] is not None}) == 1
    else:
        assert len({type(one) for one in shown}) == 1
