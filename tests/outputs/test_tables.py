"""Tables: what goes in comes out, with the types that it had."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from asyncsynth.errors import UsageError
from asyncsynth.outputs.tables import Tables

ROWS: list[dict[str, Any]] = [
    {"prompt": "2026-11-28", "when": "2026-11-28T10:07:31Z", "cost": None, "deep": {"it's": 1}, "turns": []},
    {"prompt": "é\u2028'\"\n\0", "when": "00", "cost": 0.5, "deep": {"it's": None}, "turns": [{"role": "user"}]},
]


def written(tmp_path: Path, rows: list[dict[str, Any]]) -> Path:
    path = tmp_path / "it's" / "train.parquet"
    tables = Tables({"train": path})
    for row in rows:
        tables.write("train", row)
    tables.finish()
    tables.close()
    assert list(path.parent.iterdir()) == [path], "nothing else is left"
    return path


def read(path: Path) -> list[dict[str, Any]]:
    found = duckdb.read_parquet(str(path))
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def test_rows_come_out_as_they_went_in(tmp_path: Path) -> None:
    assert read(written(tmp_path, ROWS)) == ROWS


def test_no_text_becomes_a_date_or_a_number(tmp_path: Path) -> None:
    path = written(tmp_path, [{"a": "2026-11-28"}, {"a": "7"}, {"a": "true"}])
    assert read(path) == [{"a": "2026-11-28"}, {"a": "7"}, {"a": "true"}]


def test_a_type_that_shows_late_is_the_type_of_the_column(tmp_path: Path) -> None:
    """Loaders guess from the first rows; here the first 40,000 have nothing to guess from."""
    rows: list[dict[str, Any]] = [{"n": number, "cost": None, "flags": []} for number in range(40_000)]
    rows.append({"n": 40_000, "cost": 0.5, "flags": ["truncated"]})
    found = read(written(tmp_path, rows))
    assert found[-1] == rows[-1]
    assert [row["n"] for row in found] == list(range(40_001)), "in their order"


def test_a_row_longer_than_what_duckdb_expects_is_taken(tmp_path: Path) -> None:
    long = "x" * 20_000_000
    assert read(written(tmp_path, [{"a": "short"}, {"a": long}])) == [{"a": "short"}, {"a": long}]


def test_without_duckdb_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UsageError, match="duckdb, which is not installed") as refused:
        Tables({"train": tmp_path / "train.parquet"})
    assert "asyncsynth[data]" in refused.value.hint
