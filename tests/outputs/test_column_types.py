"""Types of columns, found out from all rows."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest

from asyncsynth.outputs.column_types import in_sql, merged, type_of


@pytest.mark.parametrize(
    ("values", "sql"),
    [
        (["2026-11-28", "x"], "VARCHAR"),
        ([None, 1, None], "BIGINT"),
        ([1, 2.5], "DOUBLE"),
        ([True, False], "BOOLEAN"),
        ([True, 1], "VARCHAR"),
        ([1, "1"], "VARCHAR"),
        ([2**70], "DOUBLE"),
        ([None, None], "VARCHAR"),
        ([[], [1], [None]], "BIGINT[]"),
        ([[]], "VARCHAR[]"),
        ([{"a": 1}, {"b": "x"}, {"a": None}], 'STRUCT("a" BIGINT, "b" VARCHAR)'),
        ([[{"role": "user"}]], 'STRUCT("role" VARCHAR)[]'),
        ([{}], "VARCHAR"),
        ([{'"; DROP': 1}], 'STRUCT("""; DROP" BIGINT)'),
        ([{"a": 1}, "text"], "VARCHAR"),
    ],
)
def test_one_type_takes_all_values(values: list[Any], sql: str) -> None:
    assert in_sql(reduce(merged, map(type_of, values))) == sql
