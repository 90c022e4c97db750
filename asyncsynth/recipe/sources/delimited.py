"""CSV and TSV: the first row names the columns, every value is a text as it stands, also one of several lines.

RFC 4180, with any line ends and a blank line anywhere. What a quote leaves open or follows is a mistake, not a guess.
A column without a name, as pandas writes its index, is left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
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
        self._longest = 0

    @property
    def shapes(self) -> int:
        return 1

    def scan(self, file: BinaryIO) -> Iterator[Scanned]:
        with _room():
            yield from self._scanned(file)

    def value(self, row: Sequence[str]) -> dict[str, str]:
        if self._whole:
            return dict(zip(self._header, row, strict=True))
        return {name: row[number] for number, name in self._kept}

    def decode(self, rows: Iterable[bytes], /) -> Iterator[dict[str, str]]:
        if self._longest < csv.field_size_limit():
            yield from map(self.value, self._reader(map(bytes.decode, rows)))
            return
        for row in rows:
            with _room():
                (fields,) = self._reader((row.decode(),))
            yield self.value(fields)

    def texts(self, rows: Iterable[bytes], column: str) -> Iterator[str] | None:
        number = next((number for number, name in self._kept if name == column), None)
        if number is None or self._longest >= csv.field_size_limit():
            return None
        return map(itemgetter(number), self._reader(map(bytes.decode, rows)))

    def types(self) -> Mapping[str, frozenset[type]]:
        return {name: frozenset({str}) for name in self._header if name}

    def _scanned(self, file: BinaryIO) -> Iterator[Scanned]:
        line, width, raws = 1, 0, list[bytes]()
        try:
            for fields in self._reader(_texts(file, raws)):
                raw = raws[0] if len(raws) == 1 else b"".join(raws)
                self._longest = max(self._longest, len(raw))
                if len(fields) == width:
                    yield line, raw, fields or None, None
                elif not width:
                    width = len(fields)
                    yield line, raw, None, self._named(fields)
                elif not fields:
                    yield line, raw, None, None
                else:
                    yield line, raw, None, f"has {len(fields):,} fields, where the first row has {width:,}"
                line += len(raws)
                raws.clear()
        except csv.Error as error:
            yield line, b"".join(raws), None, _why(error)
        except UnicodeDecodeError as error:
            yield line + len(raws) - 1, b"".join(raws), None, not_utf8(error)

    def _reader(self, texts: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(texts, delimiter=self._delimiter, strict=True)

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


def _texts(file: BinaryIO, raws: list[bytes]) -> Iterator[str]:
    """The lines of a file, which are noted in `raws` as they are read."""
    for raw in file:
        raws.append(raw)
        yield raw.decode()


def _why(error: csv.Error) -> str:
    if "new-line character" in str(error):
        return "has line ends of a lone CR, as old Macs wrote; save it with LF or CRLF"
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
