"""A folder of text files: each is a row, with its name in the folder and its text."""

from __future__ import annotations

import errno
import os
from array import array
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from zlib import crc32

from asyncsynth.config.paths import files_of
from asyncsynth.config.sources import Rows
from asyncsynth.errors import UsageError
from asyncsynth.recipe.sources.source import Source, Told
from asyncsynth.recipe.sources.text_lines import not_utf8
from asyncsynth.recipe.sources.wanted import Wanted, Wrong
from asyncsynth.regular_file import read_regular
from asyncsynth.values import Value

COLUMNS = ("name", "text")
_NO_FILE_ANY_MORE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EINVAL)
_BOM = b"\xef\xbb\xbf"


class FolderSource(Source):
    """Texts of files, by their names in the folder and the CRC-32 of what they had."""

    def __init__(
        self, told: Told, folder: Path, names: Sequence[str], checks: Sequence[int], sizes: Sequence[int]
    ) -> None:
        super().__init__(told)
        self._folder, self._names, self._checks, self._sizes = folder, names, checks, sizes
        self._read_from = folder.absolute()  # wherever the working directory is by then
        self._columns = tuple(told.types or COLUMNS)

    def __len__(self) -> int:
        return len(self._names)

    def value(self, number: int) -> Value:
        try:
            raw = read_regular(self._read_from / self._names[number])
        except OSError as error:
            if error.errno in _NO_FILE_ANY_MORE:
                raise self._changed(self.place(number)) from None
            raise self._unreadable(error) from error
        if crc32(raw) != self._checks[number]:
            raise self._changed(self.place(number))
        return _row(self._names[number], raw, self._columns)

    def __iter__(self) -> Iterator[Value]:
        return map(self.value, range(len(self)))

    def longer_than(self, size: int) -> Iterator[int]:
        return (number for number, of_file in enumerate(self._sizes) if of_file > size)

    def place(self, number: int) -> str:
        return str(self._folder / self._names[number])


def is_folder(wanted: Wanted) -> bool:
    """Whether the path means a folder, or files in it by a pattern like docs/*.md."""
    return isinstance(wanted.section, Rows) and ("*" in str(wanted.path) or wanted.path.is_dir())


def opened_folder(wanted: Wanted) -> FolderSource:
    """The source of a folder. Raises Wrong with all that is wrong with it."""
    folder, names = files_of(wanted.path)
    scan = _Scan(wanted, folder)
    if problems := list(scan.problems(names)):
        raise Wrong(wanted.place, problems)
    if not scan.names:
        raise Wrong(wanted.place, [f"{wanted.path} has no file to be a row"])
    types = dict.fromkeys(COLUMNS, frozenset({str}))
    told = wanted.told(scan.read.hexdigest(), types, sum(scan.sizes), max(scan.sizes))
    return FolderSource(told, folder, scan.names, scan.checks, scan.sizes)


class _Scan:
    """What is kept of the files of a folder, and a digest of all that was read; after `problems`."""

    def __init__(self, wanted: Wanted, folder: Path) -> None:
        self.names: list[str] = []
        self.checks, self.sizes = array("I"), array("Q")
        self.read = sha256()
        self._wanted, self._folder = wanted, folder

    def problems(self, names: Sequence[str]) -> Iterator[str]:
        """Reads all files; every mistake with its file."""
        for name in names:
            try:
                raw = read_regular(self._folder / name)
                self.read.update(f"{len(name)} {len(raw)} {name}".encode("utf-8", "surrogateescape") + raw)
                if self._wanted.takes(raw) and self._wanted.keeps(_row(name, raw)):
                    self._keep(name, raw)
            except UnicodeDecodeError as error:
                yield f"{self._folder / name}: {not_utf8(error)}; a pattern like *.md chooses among files"
            except UsageError as error:
                yield f"{self._folder / name}: {error.message}"
            except OSError as error:
                yield f"{self._folder / name}: can't be read: {error.strerror}"

    def _keep(self, name: str, raw: bytes) -> None:
        self.names.append(name)
        self.checks.append(crc32(raw))
        self.sizes.append(len(raw))


def _row(name: str, raw: bytes, columns: Sequence[str] = COLUMNS) -> dict[str, str]:
    # Whatever the locale makes of it, a name is the same text: its bytes as UTF-8, and U+FFFD where they are none.
    row = {"name": os.fsencode(name).decode(errors="replace"), "text": raw.removeprefix(_BOM).decode()}
    return row if len(columns) == len(row) else {column: row[column] for column in columns}
