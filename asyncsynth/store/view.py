"""A view's file: appended to, cut back to what is known of it, copied without some lines, replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from asyncsynth.store.answers import KEY_IN_LINE
from asyncsynth.store.files import REPLACE, Files, doing
from asyncsynth.store.journal import Journal, read_lines

_BUFFER = 1 << 20


class Extent(NamedTuple):
    """So many lines in so many bytes with this CRC-32."""

    lines: int = 0
    size: int = 0
    checksum: int = 0

    def grown(self, line: bytes) -> Extent:
        return Extent(self.lines + 1, self.size + len(line), crc32(line, self.checksum))


class View:
    """The file, open; `extent` is what it is known to hold."""

    def __init__(self, files: Files, path: Path, extent: Extent) -> None:
        self.path, self.extent = path, extent
        self._files = files
        self._journal = Journal(files, path)

    @property
    def healthy(self) -> bool:
        return self._journal.healthy

    @property
    def fd(self) -> int:
        return self._journal.fd

    def append(self, lines: Sequence[bytes]) -> None:
        """Raises StoreWriteFailed."""
        self._journal.append(lines)
        self._journal.let_go()
        for line in lines:
            self.extent = self.extent.grown(line)

    def holds(self) -> bool:
        """Whether the file begins with what its extent says; reads it to the end of that."""
        checksum, place, end = 0, 0, self.extent.size
        with doing("read", self.path):
            while place < end and (piece := self._files.read(self.fd, min(_BUFFER, end - place), place)):
                checksum = crc32(piece, checksum)
                place += len(piece)
        return place == end and checksum == self.extent.checksum

    def cut(self) -> bool:
        """Cuts off what the extent does not know; says whether there was anything."""
        longer = self._journal.size > self.extent.size
        if longer:
            self._journal.cut_silently(self.extent.size)
        return longer

    def replace(self, lines: Iterable[bytes]) -> None:
        """Gives the file this content, written aside and renamed over it. Raises StoreWriteFailed."""
        draft = Draft(self._files, self.path)
        try:
            draft.add(lines)
            self.take(draft)
        finally:
            draft.close()

    def take(self, draft: Draft) -> None:
        """The draft becomes the file."""
        draft.finish()
        self._journal.close()
        self._journal = Journal(self._files, self.path)
        self.extent = draft.extent

    def without(self, keys: frozenset[str]) -> Iterator[bytes]:
        """The lines of the file, but for those of these keys."""
        gone = {key.encode() for key in keys}
        return (line for line in self.lines() if line[KEY_IN_LINE] not in gone)

    def but_for(self, places: Sequence[int]) -> Iterator[bytes]:
        """The lines of the file, but for those that begin at these places."""
        return (line for place, line in self._placed_lines() if place not in places)

    def lines(self) -> Iterator[bytes]:
        """The lines with their newlines, as far as the extent goes."""
        return (line for _, line in self._placed_lines())

    def _placed_lines(self) -> Iterator[tuple[int, bytes]]:
        for place, line in read_lines(self._files, self.fd):
            if place >= self.extent.size:
                return
            yield place, line + b"\n"

    def line_at(self, place: int) -> bytes:
        """The line that begins there, with its newline."""
        return next(line for _, line in read_lines(self._files, self.fd, place)) + b"\n"

    def close(self) -> None:
        self._journal.close()


class Draft:
    """A view that is written beside the file that it will replace."""

    def __init__(self, files: Files, path: Path) -> None:
        self.extent = Extent()
        self._files, self._path = files, path
        self._fresh = path.with_name(path.name + ".new")
        self._buffer = bytearray()
        with doing("write", self._fresh):
            self._fd = files.open(self._fresh, REPLACE)

    def add(self, lines: Iterable[bytes]) -> None:
        """Lines with their newlines."""
        for line in lines:
            self._buffer += line
            self.extent = self.extent.grown(line)
            if len(self._buffer) >= _BUFFER:
                self._flush()

    def finish(self) -> None:
        """Renames it over the file. Raises StoreWriteFailed; then the old file is still there."""
        self._flush()
        with doing("write", self._fresh):
            self._files.fdatasync(self._fd)
            self.close()
            self._files.rename(self._fresh, self._path)
            self._files.sync_directory(self._path.parent)

    def close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            self._files.close(fd)

    def _flush(self) -> None:
        with doing("write", self._fresh):
            written = 0
            while written < len(self._buffer):
                written += self._files.write(self._fd, bytes(self._buffer[written:]))
        self._buffer.clear()
