"""Rows of one file by their place in it: what is remembered of a million of them is 16 MB."""

from __future__ import annotations

import contextlib
import os
import weakref
from array import array
from collections.abc import Iterator
from zlib import crc32

from asyncsynth.recipe.sources.formats import Format
from asyncsynth.recipe.sources.source import Source, Told
from asyncsynth.values import Value

_PIECE = 1 << 20  # bytes that are read at a time, where all rows are wanted


class Index:
    """Where each row begins, how long it is, and its CRC-32."""

    __slots__ = ("checks", "sizes", "starts")

    def __init__(self) -> None:
        self.starts, self.sizes, self.checks = array("Q"), array("I"), array("I")

    def add(self, start: int, row: bytes) -> None:
        self.starts.append(start)
        self.sizes.append(len(row))
        self.checks.append(crc32(row))

    def __len__(self) -> int:
        return len(self.starts)


class FileSource(Source):
    """Rows of an open file, which stays open as long as this lives."""

    def __init__(self, told: Told, fd: int, index: Index, form: Format, unit: str = "line") -> None:
        super().__init__(told)
        self._fd, self._index, self._format, self._unit = fd, index, form, unit
        weakref.finalize(self, _let_go, fd)

    def __len__(self) -> int:
        return len(self._index)

    def value(self, number: int) -> Value:
        index = self._index
        row = self._read(index.sizes[number], index.starts[number])
        if crc32(row) != index.checks[number]:
            raise self._changed(self.place(number))
        return next(self._format.decode((row,)))

    def __iter__(self) -> Iterator[Value]:
        return self._format.decode(self._rows())

    def longer_than(self, size: int) -> Iterator[int]:
        return (number for number, of_row in enumerate(self._index.sizes) if of_row > size)

    def texts(self, column: str) -> Iterator[str] | None:
        return self._format.texts(self._rows(), column)

    def place(self, number: int) -> str:
        start, lines, at = self._index.starts[number], 1, 0
        if self._unit == "row":
            return f"{self.told.path.name}, row {number + 1:,}"
        while at < start and (piece := self._read(min(_PIECE, start - at), at)):
            lines += piece.count(b"\n")
            at += len(piece)
        return f"{self.told.path.name}, line {lines:,}"

    def _rows(self) -> Iterator[bytes]:
        index = self._index
        piece, begin, end = b"", 0, 0
        for number, (start, size, check) in enumerate(zip(index.starts, index.sizes, index.checks, strict=True)):
            if start + size > end:
                begin, piece = start, self._read(max(_PIECE, size), start)
                end = begin + len(piece)
            row = piece[start - begin : start - begin + size]
            if crc32(row) != check:
                raise self._changed(self.place(number))
            yield row

    def _read(self, size: int, start: int) -> bytes:
        try:
            return os.pread(self._fd, size, start)
        except OSError as error:
            raise self._unreadable(error) from error


def _let_go(fd: int) -> None:
    with contextlib.suppress(OSError):  # nothing was written
        os.close(fd)
