"""What a scan of a file asks of its format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Protocol

from asyncsynth.values import Value

# A stretch of a file: the number of its first line, from 1; its bytes; the row, of which `value` makes a value, None
# for what is none; and what is wrong with it. A bare tuple, since there may be millions.
Scanned = tuple[int, bytes, Any, str | None]


class Format(Protocol):
    """How rows stand in a file. `columns`: those to keep, in their order; None: all."""

    columns: tuple[str, ...] | None

    @property
    def shapes(self) -> int:
        """How many sets of columns and types the scan has seen."""

    def scan(self, file: BinaryIO) -> Iterator[Scanned]:
        """Every stretch of the file from where it stands, without gaps; ends at a mistake that hides what follows."""

    def value(self, row: Any) -> Value:
        """The value of a row."""

    def decode(self, rows: Iterable[bytes], /) -> Iterator[Value]:
        """The values of rows from their bytes."""

    def texts(self, rows: Iterable[bytes], column: str) -> Iterator[str] | None:
        """As of Source, of rows from their bytes."""

    def types(self) -> Mapping[str, frozenset[type]] | None:
        """After a scan: as in Told, of all columns that there are."""


def chosen(columns: tuple[str, ...] | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns to keep of a row, as far as it has them."""
    return dict(row) if columns is None else {name: row[name] for name in columns if name in row}
