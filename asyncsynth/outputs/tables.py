"""Writes rows as Parquet, with duckdb (the extra `data`), which is loaded when the first table is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asyncsynth.errors import ExportFailed, UsageError
from asyncsynth.outputs.column_types import Type, in_sql, merged, type_of
from asyncsynth.outputs.examples import Row
from asyncsynth.outputs.lines import line_of, new_file

_MEMORY = "400MB"
_ROW_GROUP = 32 << 20  # bytes: what one is made of is in memory as a whole
_MOST_ROWS = 122_880  # of a row group, duckdb's own choice


class Tables:
    """A table for each split. The rows wait in a file beside it until their types are known.

    Raises UsageError where duckdb is not installed.
    """

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._duckdb = _duckdb()
        self._tables: dict[str, _Table] = {}
        for split, path in paths.items():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            self._tables[split] = _Table(path)

    def write(self, split: str, row: Row) -> None:
        self._tables[split].add(row)

    def finish(self) -> None:
        """Raises ExportFailed."""
        for table in self._tables.values():
            table.write(self._duckdb)

    def close(self) -> None:
        for table in self._tables.values():
            table.close()


class _Table:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting = path.with_suffix(".rows")
        self._file = new_file(self._waiting)
        self._type: Type = {}
        self._rows = self._longest = self._size = 0

    def add(self, row: Row) -> None:
        line = line_of(row)
        self._file.write(line)
        self._type = merged(self._type, type_of(row))
        self._rows += 1
        self._longest, self._size = max(self._longest, len(line)), self._size + len(line)

    def write(self, duckdb: Any) -> None:
        """The waiting rows become the table. Of types that are said nothing is guessed: no text becomes a date."""
        self._file.close()
        columns = self._type if isinstance(self._type, dict) else {}
        types = ", ".join(f"{_text(name)}: {_text(in_sql(kind))}" for name, kind in columns.items())
        group = max(1024, min(_MOST_ROWS, _ROW_GROUP * self._rows // max(1, self._size)))
        with duckdb.connect(config=_config(self._path.parent)) as connection:
            try:
                connection.execute(
                    f"COPY (SELECT * FROM read_json({_text(str(self._waiting))}, format = 'newline_delimited', "  # noqa: S608 - names are quoted
                    f"columns = {{{types}}}, maximum_object_size = {self._longest + 1024})) "
                    f"TO {_text(str(self._path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group})"
                )
            except duckdb.Error as error:
                raise ExportFailed(
                    f"{self._path.name} can't be written: {error}", hint="nothing was exported"
                ) from error
        self._waiting.unlink()
        self._path.chmod(0o600)

    def close(self) -> None:
        self._file.close()


def _config(folder: Path) -> dict[str, Any]:
    """Little memory, nothing fetched from anywhere."""
    return {
        "memory_limit": _MEMORY,
        "threads": 2,
        "temp_directory": str(folder / ".spill"),
        "autoinstall_known_extensions": False,
    }


def _text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _duckdb() -> Any:
    try:
        import duckdb  # noqa: PLC0415 - 25 MB that only tables need
    except ImportError as error:
        raise UsageError(
            "tables need duckdb, which is not installed",
            hint="pip install 'asyncsynth[data]', or choose another --format",
        ) from error
    return duckdb
