"""The records of a run under way, read back from the file that it appends to: no queue, however slow the reader is."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from threading import Lock
from typing import Any

from asyncsynth.store.encoding import decode
from asyncsynth.store.files import doing

_CHUNK = 1 << 18


class Committed:
    """Reads whole lines from `start` on, through a descriptor of its own: the file may be replaced meanwhile.

    Each record goes to one of the threads that ask. StoreWriteFailed where the file can't be read.
    """

    def __init__(self, path: Path, start: int) -> None:
        with doing("read", path):
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._fd)  # whoever has the run may read on when it has ended
        self._path, self._at = path, start
        self._rest = b""
        self._ready: list[dict[str, Any]] = []
        self._alone = Lock()

    def next(self) -> dict[str, Any] | None:
        """The next record, or None where no further one is in the file yet."""
        with self._alone:
            while not self._ready:
                with doing("read", self._path):
                    chunk = os.pread(self._fd, _CHUNK, self._at)
                if not chunk:
                    return None
                self._at += len(chunk)
                lines = (self._rest + chunk).split(b"\n")
                self._rest = lines.pop()
                self._ready = [record for line in reversed(lines) if (record := decode(line)) is not None]
            return self._ready.pop()
