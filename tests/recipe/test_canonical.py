"""Promises of recipe.canonical: one form for equal values, different forms for different ones."""

from __future__ import annotations

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.recipe.canonical import canonical, with_integral_floats_as_integers

scalars = st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(st.text(), scalars | st.lists(scalars)))
def test_form_is_json_and_the_order_of_names_is_none_of_it(table: dict[str, object]) -> None:
    backwards = dict(reversed(table.items()))

    assert canonical(table) == canonical(backwards)
    assert json.loads(canonical(table)) == table


def test_form_is_sorted_unescaped_and_without_blanks() -> None:
    assert canonical({"é": [1, 1.5, True], "a": '\x1b\n"ü'}) == '{"a":"\\u001b\\n\\"ü","é":[1,1.5,true]}'


def test_true_one_and_one_point_zero_stay_apart() -> None:
    assert {canonical(True), canonical(1), canonical(1.0), canonical("1")} == {"true", "1", "1.0", '"1"'}


def test_any_mapping_is_a_table() -> None:
    assert canonical(MappingProxyType({"b": 1, "a": 2})) == '{"a":2,"b":1}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes"])
def test_what_json_can_not_write_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical(value)


def test_integral_floats_become_integers_at_any_depth_and_booleans_stay() -> None:
    parameters = {"temperature": 1.0, "top_p": 0.5, "stop": [2.0, {"deep": -0.0}], "logprobs": True, "huge": 1e300}

    assert canonical(with_integral_floats_as_integers(parameters)) == canonical(
        {"temperature": 1, "top_p": 0.5, "stop": [2, {"deep": 0}], "logprobs": True, "huge": 1e300}
    )
