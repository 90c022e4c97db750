"""Parquet, by DuckDB: the rows are written out once, as JSON lines in a file that has no name any more."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from asyncsynth.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "48MB"  # that DuckDB takes, roughly
MORE_MEMORY = "2GB"  # where single values are of many megabytes
_FLOATS = ("FLOAT", "DOUBLE")

TEXT, NAME = "'", '"'  # how SQL quotes them


class ParquetRefused(Exception):
    """DuckDB can't read the file; says why."""


def json_lines(path: Path, columns: tuple[str, ...] | None) -> BinaryIO:
    """The rows as JSON lines in an unnamed file. Raises ParquetRefused; UsageError where DuckDB is not installed."""
    try:
        import duckdb  # noqa: PLC0415 - 25 MB that nobody else needs
    except ImportError:
        raise UsageError(
            f"{path}: Parquet needs DuckDB", hint="pip install 'asyncsynth[data]'; or save the rows as .csv or .jsonl"
        ) from None
    with tempfile.TemporaryDirectory(prefix="asyncsynth-") as folder:
        spool = Path(folder) / "rows.jsonl"
        for memory in (MEMORY, MORE_MEMORY):
            with duckdb.connect(config={"memory_limit": memory, "threads": 1, "temp_directory": folder}) as connection:
                try:
                    _write(connection, path, columns, spool)
                    break
                except duckdb.Error as error:
                    if memory == MORE_MEMORY or not isinstance(error, duckdb.OutOfMemoryException):
                        raise ParquetRefused(str(error).splitlines()[0]) from None
        return spool.open("rb")


def _write(connection: DuckDBPyConnection, path: Path, columns: tuple[str, ...] | None, spool: Path) -> None:
    """The rows in their order; a number that is none (NaN) or infinite is null, for JSON has no other word."""
    connection.execute("SET preserve_insertion_order = true")
    source = f"read_parquet({_quoted(str(path), TEXT)})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608 - quoted
    there = {name: kind for name, kind, *_ in described}
    all_there = columns is not None and set(columns) <= there.keys()
    kept = ", ".join(_selected(name, there[name]) for name in (columns if columns and all_there else there))
    connection.execute(f"COPY (SELECT {kept} FROM {source}) TO {_quoted(str(spool), TEXT)} (FORMAT json)")  # noqa: S608 - quoted


def _selected(name: str, kind: str) -> str:
    column = _quoted(name, NAME)
    return f"CASE WHEN isfinite({column}) THEN {column} END AS {column}" if kind in _FLOATS else column


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote
