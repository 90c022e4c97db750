"""What a scan of a file asks of its format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple, Protocol

from asyncsynth.values import Value


class Scanned(NamedTuple):
    """A stretch of a file, as long as `raw`; a row where nothing is wrong with it and it is not blank."""

    line: int  # of its beginning, from 1
    raw: bytes
    row: Any = None  # what `value` makes a value of
    wrong: str | None = None


class Format(Protocol):
    """How rows stand in a file. `columns`: those to keep, in their order; None: all."""

    columns: tuple[str, ...] | None

    def scan(self, file: BinaryIO) -> Iterator[Scanned]:
        """Every stretch of the file from where it stands, without gaps; ends at a mistake that hides what follows."""

    def value(self, row: Any) -> Value:
        """The value of a row."""

    def decode(self, rows: Iterable[bytes], /) -> Iterator[Value]:
        """The values of rows from their bytes."""

    def types(self) -> Mapping[str, frozenset[type]] | None:
        """After a scan: as in Told, of all columns that there are."""


def chosen(columns: tuple[str, ...] | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns to keep of a row, as far as it has them."""
    return dict(row) if columns is None else {name: row[name] for name in columns if name in row}
