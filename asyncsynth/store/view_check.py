"""Checks large views in a thread while the manifest is replayed: that is a third of the time of a resume."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from asyncsynth.errors import StoreError
from asyncsynth.store.files import READ, Files, doing
from asyncsynth.store.manifest import BEGIN, parse
from asyncsynth.store.mark import Extent, Mark, mark_of
from asyncsynth.store.scan import Source

WORTH_A_THREAD = 32 << 20  # bytes
_PIECE = 1 << 18  # bytes: what has just been read is still in the cache of the processor
_VIEWS = BEGIN + b'views"'
_LOOK_BACK = 1 << 18  # bytes of the manifest in which the last mark is looked for


def holds(files: Files, source: Source, extent: Extent, stop: threading.Event | None = None) -> bool:
    """Whether a file begins with what its extent says; reads it to the end of that. False where it was stopped."""
    checksum, place, end = 0, 0, extent.size
    with doing("read", source.path):
        while place < end and (piece := files.read(source.fd, min(_PIECE, end - place), place)):
            if stop is not None and stop.is_set():
                return False
            checksum = crc32(piece, checksum)
            place += len(piece)
    return place == end and checksum == extent.checksum


def last_mark(files: Files, manifest: Source) -> Mark:
    """The last mark near the end of the manifest, as far as one can tell without a replay."""
    with doing("read", manifest.path):
        size = files.size(manifest.fd)
        lines = files.read(manifest.fd, _LOOK_BACK, max(0, size - _LOOK_BACK)).split(b"\n")
    for line in reversed(lines[1:]):
        if line.startswith(_VIEWS) and (value := parse(line)) is not None:
            return mark_of(value)
    return Mark()


def begin_check(files: Files, paths: Sequence[Path], manifest: Source) -> ViewCheck | None:
    """Of the views at these paths; None where they are so small that whoever asks may as well read them."""
    mark = last_mark(files, manifest)
    large = mark.records.size + mark.failures.size >= WORTH_A_THREAD
    return ViewCheck(files, paths, mark) if large else None


class ViewCheck:
    """Finds out whether the files hold what this mark says; `stop` it at the end, or where nobody will ask."""

    def __init__(self, files: Files, paths: Sequence[Path], mark: Mark) -> None:
        self.mark = mark
        self._files, self._paths = files, paths
        self._stop = threading.Event()
        self._hold: bool | None = None
        self._thread = threading.Thread(target=self._work, name="views", daemon=True)
        self._thread.start()

    def result(self) -> bool | None:
        """Waits for it; None where it could not be found out."""
        self._thread.join()
        return self._hold

    def stop(self) -> None:
        """Waits until no file is open any more."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        extents = (self.mark.records, self.mark.failures)
        with contextlib.suppress(StoreError, OSError):
            found = all(self._holds(path, extent) for path, extent in zip(self._paths, extents, strict=True))
            self._hold = None if self._stop.is_set() else found

    def _holds(self, path: Path, extent: Extent) -> bool:
        fd = self._files.open(path, READ)
        try:
            return holds(self._files, Source(path, fd), extent, self._stop)
        finally:
            self._files.close(fd)
