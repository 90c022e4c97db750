"""Goes once through a file: every row is checked, kept or left out, and its place remembered."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import BinaryIO

from asyncsynth.config.sources import Lines
from asyncsynth.errors import UsageError
from asyncsynth.recipe.sources.delimited import Delimited
from asyncsynth.recipe.sources.formats import Format
from asyncsynth.recipe.sources.json_rows import JsonRows
from asyncsynth.recipe.sources.lines import FileSource, Index
from asyncsynth.recipe.sources.parquet import ParquetRefused, json_lines
from asyncsynth.recipe.sources.text_lines import TextLines
from asyncsynth.recipe.sources.wanted import Wanted, Wrong

FORMATS: dict[str, Callable[[tuple[str, ...] | None], Format]] = {
    ".csv": lambda columns: Delimited(",", columns),
    ".tsv": lambda columns: Delimited("\t", columns),
    ".jsonl": JsonRows,
    ".ndjson": JsonRows,
    ".parquet": JsonRows,
}
_MAX_EXAMPLES = 1000
_PIECE = 1 << 20
_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def opened_file(wanted: Wanted) -> FileSource:
    """The source of a file. Raises Wrong with all that is wrong with it, UsageError where DuckDB is missing."""
    form = _format(wanted)
    with _open(wanted) as file:
        unit = "row" if wanted.path.suffix.lower() == ".parquet" else "line"
        scan = _Scan(wanted, form, file, unit)
        if problems := list(scan.problems()):
            raise Wrong(wanted.place, problems)
        if not scan.index.starts:
            left = "" if not scan.rows else f" left of {scan.rows:,}"
            raise Wrong(wanted.place, [f"{wanted.path} has no row{left}"])
        told = wanted.told(scan.digest, form.types(), sum(scan.index.sizes), max(scan.index.sizes), scan.examples)
        return FileSource(told, os.dup(file.fileno()), scan.index, form, unit)


class _Scan:
    """`rows` are all that there were, `index` has those to keep, `digest` is of all bytes; after `problems`."""

    def __init__(self, wanted: Wanted, form: Format, file: BinaryIO, unit: str) -> None:
        self.index, self.rows = Index(), 0
        self.examples: list[int] = []
        self._wanted, self._format, self._file, self._unit = wanted, form, file, unit

    @property
    def digest(self) -> str:
        read, at, fd = sha256(), 0, self._file.fileno()
        while piece := os.pread(fd, _PIECE, at):
            read.update(piece)
            at += len(piece)
        return read.hexdigest()

    def problems(self) -> Iterator[str]:
        """Goes through the file; every mistake with its line."""
        end = len(self._beginning())
        wanted, value = self._wanted, self._format.value
        chosen = wanted.where is not None or wanted.share is not None
        add = self.index.add
        for line, raw, row, wrong in self._format.scan(self._file):
            if wrong is not None:
                yield f"{wanted.path}, {self._unit} {line:,}: {wrong}"
            elif row is not None:
                self.rows += 1
                try:
                    if not chosen or (wanted.takes(raw) and wanted.keeps(value(row))):
                        add(end, raw)
                        if self._format.shapes > len(self.examples) < _MAX_EXAMPLES:
                            self.examples.append(len(self.index) - 1)
                except UsageError as error:
                    yield f"{wanted.path}, {self._unit} {line:,}: {error.message}"
            end += len(raw)

    def _beginning(self) -> bytes:
        """Reads over a byte order mark. Raises Wrong for UTF-16."""
        begin = self._file.read(3)
        if begin.startswith(_UTF16):
            raise Wrong(self._wanted.place, [f"{self._wanted.path} is UTF-16; save it as UTF-8"])
        if begin == _BOM:
            return begin
        self._file.seek(0)
        return b""


def _format(wanted: Wanted) -> Format:
    if isinstance(wanted.section, Lines):
        return TextLines()
    made = FORMATS.get(wanted.path.suffix.lower())
    if made is None:
        known = ", ".join(FORMATS)
        raise Wrong(wanted.place, [f"{wanted.path}: rows are read from {known} and folders; for texts take lines = "])
    return made(wanted.columns)


def _open(wanted: Wanted) -> BinaryIO:
    try:
        fd = os.open(wanted.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO would wait for a writer
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise Wrong(wanted.place, [f"{wanted.path} is not a file"])
    except FileNotFoundError:
        raise Wrong(wanted.place, [f"there is no {wanted.path}"]) from None
    except ValueError as error:  # of a name that can't be one
        raise Wrong(wanted.place, [f"{wanted.path} can't be read: {error}"]) from None
    file = os.fdopen(fd, "rb", buffering=1 << 18)
    if wanted.path.suffix.lower() != ".parquet" or isinstance(wanted.section, Lines):
        return file
    with file:
        try:
            return json_lines(wanted.path, wanted.columns)
        except ParquetRefused as refused:
            raise Wrong(wanted.place, [f"{wanted.path}: {refused}"]) from None
