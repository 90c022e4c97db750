"""A view's file: appended to, cut back to what is known of it, replaced as a whole by a draft."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Self
from zlib import crc32

from asyncsynth.store.files import REPLACE, Files, doing
from asyncsynth.store.journal import Journal
from asyncsynth.store.mark import Extent
from asyncsynth.store.scan import Source, read_lines
from asyncsynth.store.view_check import holds

_BUFFER = 1 << 20  # bytes that wait before they are written
_PIECE = 256  # lines that are joined at a time


class ViewChanged(Exception):
    """The file does not hold what is known of it; somebody changed it."""


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
    def is_empty(self) -> bool:
        """Whether there is nothing in the file, whatever is known of it."""
        return self._journal.size == 0

    @property
    def fd(self) -> int:
        return self._journal.fd

    def append(self, lines: Sequence[bytes]) -> None:
        """Raises StoreWriteFailed."""
        data = b"".join(lines)
        self._journal.append([data])
        self._journal.let_go()
        self.extent = self.extent.grown(len(lines), data)

    @property
    def is_whole(self) -> bool:
        """Whether the file is as long as its extent says, or longer."""
        return self._journal.size >= self.extent.size

    def holds(self) -> bool:
        """Whether the file begins with what its extent says; reads it to the end of that."""
        return holds(self._files, Source(self.path, self.fd), self.extent)

    def cut(self) -> None:
        """Cuts off what the extent does not know."""
        if self._journal.size > self.extent.size:
            self._journal.cut_silently(self.extent.size)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """(place, line with its newline) as far as the extent goes. Raises ViewChanged at the end where it differs."""
        checksum = end = 0
        with doing("read", self.path):
            for place, bare in read_lines(self._files, self.fd):
                if place >= self.extent.size:
                    break
                line = bare + b"\n"
                checksum, end = crc32(line, checksum), place + len(line)
                yield place, line
        if (end, checksum) != (self.extent.size, self.extent.checksum):
            raise ViewChanged

    def draft(self) -> Draft:
        return Draft(self._files, self.path)

    def take(self, draft: Draft) -> None:
        """The draft becomes the file. Raises StoreWriteFailed."""
        draft.finish()
        self._journal.close()
        self._journal = Journal(self._files, self.path)
        self.extent = draft.extent
        with doing("sync", self.path.parent):
            self._files.sync_directory(self.path.parent)

    def close(self) -> None:
        self._journal.close()


class Draft:
    """A view that is written beside the file that it will replace; used in a `with`, it goes where it was not taken."""

    def __init__(self, files: Files, path: Path) -> None:
        self.extent = Extent()
        self._files, self._path = files, path
        self._fresh = path.with_name(path.name + ".new")
        self._waiting: list[bytes] = []
        self._bytes = 0  # that wait
        self._taken = False
        with doing("write", self._fresh):
            self._fd = files.open(self._fresh, REPLACE)

    def add(self, lines: Iterable[bytes]) -> None:
        """Lines with their newlines. Raises StoreWriteFailed."""
        rest = iter(lines)
        while piece := list(islice(rest, _PIECE)):
            data = b"".join(piece)
            self.extent = self.extent.grown(len(piece), data)
            self._waiting.append(data)
            self._bytes += len(data)
            if self._bytes >= _BUFFER:
                self._flush()

    def finish(self) -> None:
        """Renames it over the file. Raises StoreWriteFailed; then the old file is still there."""
        self._flush()
        with doing("write", self._fresh):
            self._files.fdatasync(self._fd)
            self._close()
            self._files.rename(self._fresh, self._path)
            self._taken = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            if self._fd >= 0:
                self._close()
            if not self._taken:
                self._files.remove(self._fresh)

    def _close(self) -> None:
        fd, self._fd = self._fd, -1
        self._files.close(fd)

    def _flush(self) -> None:
        data, self._waiting, self._bytes = b"".join(self._waiting), [], 0
        with doing("write", self._fresh):
            while data:
                data = data[self._files.write(self._fd, data) :]
