"""Promises of recipe.sources.json_rows: rows of any columns, each as its line has it; a broken line is told."""

from __future__ import annotations

import json
from pathlib import Path
from types import NoneType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asyncsynth.recipe.sources.json_rows import Huge
from tests.recipe.sources.opened import mistakes, source, written

texts = st.text(st.characters(codec="utf-8"), max_size=8)
parts = texts | st.integers(-(2**80), 2**80) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
rows_of_json = st.lists(
    st.dictionaries(texts, parts | st.none() | st.lists(parts, max_size=3), max_size=4), min_size=1, max_size=5
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=rows_of_json, escaped=st.booleans())
def test_what_is_written_as_json_comes_back_without_nulls(
    tmp_path: Path, rows: list[dict[str, Any]], escaped: bool
) -> None:
    text = "\n\n".join(json.dumps(row, ensure_ascii=escaped) for row in rows)
    found = source(written(tmp_path / "x.jsonl", text))

    expected = [{name: part for name, part in row.items() if part is not None} for row in rows]
    assert repr(list(found)) == repr(expected)
    assert repr([found[number] for number in range(len(found))]) == repr(expected)


def test_types_are_known_of_late_and_missing_columns(tmp_path: Path) -> None:
    lines = ['{"a": 1, "b": "x"}', '{"a": 2.5, "c": null}', '{"a": 3, "b": [1], "c": true, "d": 99999999999999999999}']
    found = source(written(tmp_path / "x.jsonl", "\n".join(lines)))

    assert found.told.types == {
        "a": {int, float},
        "b": {str, list, NoneType},
        "c": {bool, NoneType},
        "d": {int, NoneType, Huge},
    }
    assert found[2] == {"a": 3, "b": [1], "c": True, "d": 99999999999999999999}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            '{"a": 1}\n{"a": 1,}\n[1]\n"x"\n{"a"\n',
            ["2: is not JSON: ", "3: is not a JSON object: [1]", '4: is not a JSON object: "x"', "5: "],
        ),
        (b'{"a": 1}\n{"a": "caf\xe9"}\n', ["line 2: is not UTF-8 (0xe9 is its byte 11)"]),
        ('{"a": NaN}\n', ["line 1: is not JSON: unexpected character, expected a JSON value at its character 7"]),
        ('{"a": "\\ud800"}\n', ["line 1: is not JSON: "]),
        ("\n\n", ["x.jsonl has no row"]),
    ],
)
def test_a_broken_line_is_told(tmp_path: Path, content: str | bytes, told: list[str]) -> None:
    found = mistakes(written(tmp_path / "x.jsonl", content), tmp_path)
    assert len(found) == len(told), found
    assert all(part in one for one, part in zip(found, told, strict=True)), found


def test_a_column_that_only_is_null_is_missing(tmp_path: Path) -> None:
    path = written(tmp_path / "x.jsonl", '{"a": null, "b": 1}\n')
    assert mistakes(path, tmp_path, columns=["a"]) == ['axes.x.columns: x.jsonl has no column "a"; did you mean a?']
    assert source(path, columns=["b"])[0] == {"b": 1}


def test_a_column_of_texts_alone_can_be_gone_through_by_itself(tmp_path: Path) -> None:
    found = source(written(tmp_path / "x.jsonl", '{"a": "x", "b": 1}\n{"b": "2", "a": "y"}\n{"a": "z"}\n'))
    texts = found.texts("a")
    assert texts is not None
    assert list(texts) == ["x", "y", "z"]
    assert found.texts("b") is found.texts("c") is None
