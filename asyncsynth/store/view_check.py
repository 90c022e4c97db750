"""Checks large views in a thread while the run works: they are half of what a resume would have to read."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

from asyncsynth.errors import StoreError
from asyncsynth.store.files import READ, Files, doing
from asyncsynth.store.mark import Extent
from asyncsynth.store.scan import ReadAhead, Source

WORTH_A_THREAD = 32 << 20  # bytes
_PIECE = 1 << 18  # bytes: what has just been read is still in the cache of the processor


def holds(files: Files, source: Source, extent: Extent, stop: threading.Event | None = None) -> bool:
    """Whether a file begins with what its extent says; reads it to the end of that. False where it was stopped."""
    checksum, place, end = 0, 0, extent.size
    ahead = ReadAhead(files, source.fd, 0)
    with doing("read", source.path):
        while place < end and (piece := files.read(source.fd, min(_PIECE, end - place), place)):
            if stop is not None and stop.is_set():
                return False
            ahead.at(place)
            checksum = crc32(piece, checksum)
            place += len(piece)
    return place == end and checksum == extent.checksum


class ViewCheck:
    """Finds out whether the files hold what these extents say; `stop` it before they are replaced."""

    def __init__(self, files: Files, expected: Sequence[tuple[Path, Extent]]) -> None:
        self._files, self._expected = files, expected
        self._stop = threading.Event()
        self._hold: bool | None = None
        self._thread = threading.Thread(target=self._work, name="views", daemon=True)
        self._thread.start()

    def result(self) -> bool | None:
        """Waits for it; None where it could not be found out, or nobody wanted to wait any more."""
        self._thread.join()
        return self._hold

    def give_up(self) -> None:
        """Lets `result` wait no longer."""
        self._stop.set()

    def stop(self) -> None:
        """Waits until no file is open any more."""
        self.give_up()
        self._thread.join()

    def _work(self) -> None:
        with contextlib.suppress(StoreError, OSError):
            found = all(self._holds(path, extent) for path, extent in self._expected)
            self._hold = None if self._stop.is_set() else found

    def _holds(self, path: Path, extent: Extent) -> bool:
        fd = self._files.open(path, READ)
        try:
            return holds(self._files, Source(path, fd), extent, self._stop)
        finally:
            self._files.close(fd)
