"""CSV and TSV: the first row names the columns, every value is a text as it stands, also one of several lines.

RFC 4180, with any line ends and a blank line anywhere. What a quote leaves open or follows is a mistake, not a guess.
A column without a name, as pandas writes its index, is left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from asyncsynth.recipe.sources.formats import Scanned
from asyncsynth.recipe.sources.text_lines import not_utf8

_MOST = 2**31 - 1  # characters of a field; the module's own limit is 131,072, for the whole process


class Delimited:
    """See Format."""

    def __init__(self, delimiter: str, columns: tuple[str, ...] | None) -> None:
        self.columns = columns
        self._delimiter = delimiter
        self._header: list[str] = []
        self._kept: list[tuple[int, str]] = []
        self._whole = False  # whether a row's values are its fields

    def scan(self, file: BinaryIO) -> Iterator[Scanned]:
        with _room():
            yield from self._scanned(_Lines(file))

    def value(self, row: Sequence[str]) -> dict[str, str]:
        if self._whole:
            return dict(zip(self._header, row, strict=True))
        return {name: row[number] for number, name in self._kept}

    def decode(self, rows: Iterable[bytes], /) -> Iterator[dict[str, str]]:
        for row in rows:
            if len(row) < csv.field_size_limit():
                (fields,) = csv.reader((row.decode(),), delimiter=self._delimiter, strict=True)
            else:
                with _room():
                    (fields,) = csv.reader((row.decode(),), delimiter=self._delimiter, strict=True)
            yield self.value(fields)

    def types(self) -> Mapping[str, frozenset[type]]:
        return {name: frozenset({str}) for name in self._header if name}

    def _scanned(self, lines: _Lines) -> Iterator[Scanned]:
        reader, width = csv.reader(lines, delimiter=self._delimiter, strict=True), 0
        while True:
            try:
                fields = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as error:
                why = not_utf8(error) if isinstance(error, UnicodeDecodeError) else _why(error)
                yield Scanned(*lines.taken(), wrong=why)
                return
            line, raw = lines.taken()
            if not fields:
                yield Scanned(line, raw)
            elif not width:
                width = len(fields)
                yield Scanned(line, raw, wrong=self._named(fields))
            elif len(fields) != width:
                yield Scanned(line, raw, wrong=f"has {len(fields):,} fields, where the first row has {width:,}")
            else:
                yield Scanned(line, raw, fields)

    def _named(self, header: list[str]) -> str | None:
        """Takes the names of the columns; what is wrong with them."""
        self._header = header
        kept = [(number, name) for number, name in enumerate(header) if name]
        if self.columns is not None:
            kept = [(header.index(name), name) for name in self.columns if name in header]
        self._kept, self._whole = kept, [number for number, _ in kept] == list(range(len(header)))
        twice = [name for number, name in enumerate(header) if name and name in header[:number]]
        if twice:
            return f"names the column {twice[0]} twice"
        if len(header) == 1 and any(other in header[0] for other in ";\t|"):
            return f"has a single column, {header[0]!r}; divide the columns by {_NAMES[self._delimiter]}"
        return None


_NAMES = {",": "commas", "\t": "tabs (.tsv)"}


class _Lines:
    """The lines of a file as text; what was read of it since the last time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = iter(file)
        self._raw: list[bytes] = []
        self._line = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        raw = next(self._file)
        self._raw.append(raw)
        return raw.decode()

    def taken(self) -> tuple[int, bytes]:
        """The number of their first line, and their bytes."""
        raw, line = self._raw, self._line
        self._line += len(raw)
        self._raw = []
        return line, raw[0] if len(raw) == 1 else b"".join(raw)


def _why(error: csv.Error) -> str:
    words = {
        "unexpected end of data": "has a quote that is never closed",
        "',' expected after '\"'": "goes on after a closing quote; a quote in a field is written twice",
        "'\t' expected after '\"'": "goes on after a closing quote; a quote in a field is written twice",
    }
    return words.get(str(error), f"can't be read: {error}")


@contextmanager
def _room() -> Iterator[None]:
    """Fields of any size, within the block."""
    before = csv.field_size_limit(_MOST)
    try:
        yield
    finally:
        csv.field_size_limit(before)
