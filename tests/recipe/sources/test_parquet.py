"""Promises of recipe.sources.parquet: rows as DuckDB reads them, with their types; what it refuses is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from asyncsynth.errors import UsageError
from tests.recipe.sources.opened import mistakes, source, written

duckdb = pytest.importorskip("duckdb")

ROWS = """
SELECT 'a''b "c"' AS name, 3.50::DECIMAL(9, 2) AS price, DATE '2026-11-28' AS day, [1, 2] AS sizes, NULL AS color
UNION ALL SELECT 'é', 7, NULL, [], 'red'
"""


def parquet(path: Path, rows: str = ROWS) -> Path:
    with duckdb.connect() as connection:
        quoted = str(path).replace("'", "''")
        connection.execute(f"COPY ({rows}) TO '{quoted}' (FORMAT parquet)")
    return path


def test_rows_come_in_their_order_with_their_types(tmp_path: Path) -> None:
    found = source(parquet(tmp_path / "it's x.parquet"))

    assert list(found) == [
        {"name": 'a\'b "c"', "price": 3.5, "day": "2026-11-28", "sizes": [1, 2]},
        {"name": "é", "price": 7.0, "sizes": [], "color": "red"},
    ]
    assert found.place(1) == "it's x.parquet, row 2"


def test_only_the_columns_that_are_named_are_read(tmp_path: Path) -> None:
    path = parquet(tmp_path / "x.parquet")
    assert list(source(path, columns=["color", "name"], where="x.color is defined")) == [{"color": "red", "name": "é"}]
    assert mistakes(path, tmp_path, columns=["colour"]) == [
        'axes.x.columns: x.parquet has no column "colour"; did you mean color?'
    ]


def test_numbers_that_are_none_are_null(tmp_path: Path) -> None:
    rows = "SELECT 'NaN'::DOUBLE AS x, 1.5::FLOAT AS y, 1 AS n UNION ALL SELECT 2, '-inf'::FLOAT, 2"
    assert list(source(parquet(tmp_path / "x.parquet", rows))) == [{"y": 1.5, "n": 1}, {"x": 2.0, "n": 2}]


def test_values_that_take_more_memory_than_most_are_read_with_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path / "x.parquet")
    monkeypatch.setattr("asyncsynth.recipe.sources.parquet.MEMORY", "1KB")
    assert len(source(path)) == 2


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    assert len(source(parquet(tmp_path / "x.parquet"))) == 2
    assert list(spool.iterdir()) == []


def test_a_file_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    (found,) = mistakes(written(tmp_path / "x.parquet", "no parquet at all"), tmp_path)
    assert found.startswith("axes.x.rows: x.parquet: ")


def test_without_duckdb_what_to_install_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = parquet(tmp_path / "x.parquet")
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match="Parquet needs DuckDB") as error:
        source(path)
    assert "asyncsynth[data]" in error.value.hint
