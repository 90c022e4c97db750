"""Promises of recipe.facts: what a manifest keeps is JSON that any reader gives back as it was."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.recipe.facts import read, written

texts = st.text(st.characters(codec="utf-8"))
scalars = texts | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)


@given(scalars | st.dictionaries(texts, scalars, min_size=1))
def test_a_value_comes_back_from_any_json(value: Any) -> None:
    for through in (json.loads(json.dumps(written(value))), orjson.loads(orjson.dumps(written(value)))):
        assert repr(read(through)) == repr(value)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**300, {"a": 2**64, "b": "x"}])
def test_integers_beyond_64_bits_are_written_as_text(value: Any) -> None:
    assert orjson.dumps(written(value))
    assert read(written(value)) == value
    assert written(2**63 - 1) == 2**63 - 1
