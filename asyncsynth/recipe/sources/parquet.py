"""Parquet, by DuckDB: the rows are written out once, as JSON lines in a file that has no name any more."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

from asyncsynth.errors import UsageError

MEMORY = "48MB"  # that DuckDB takes, roughly

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
        with duckdb.connect(config={"memory_limit": MEMORY, "threads": 1, "temp_directory": folder}) as connection:
            connection.execute("SET preserve_insertion_order = true")
            source = f"read_parquet({_quoted(str(path), TEXT)})"
            try:
                there = [name for name, *_ in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]  # noqa: S608 - quoted
                all_there = columns is not None and set(columns) <= set(there)
                kept = ", ".join(_quoted(name, NAME) for name in (columns if columns and all_there else there))
                connection.execute(f"COPY (SELECT {kept} FROM {source}) TO {_quoted(str(spool), TEXT)} (FORMAT json)")  # noqa: S608 - quoted
            except duckdb.Error as error:
                raise ParquetRefused(str(error).splitlines()[0]) from None
        return spool.open("rb")


def _quoted(text: str, quote: str) -> str:
    return quote + text.replace(quote, quote * 2) + quote
