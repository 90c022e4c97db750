"""The records of a run under way, read back from the file that it appends to: no queue, however slow the reader is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asyncsynth.store.encoding import decode

_CHUNK = 1 << 18


class Committed:
    """Reads whole lines from `start` on, through a descriptor of its own: the file may be replaced meanwhile."""

    def __init__(self, path: Path, start: int) -> None:
        self._file = path.open("rb")
        self._file.seek(start)
        self._rest = b""
        self._ready: list[dict[str, Any]] = []

    def next(self) -> dict[str, Any] | None:
        """The next record, or None where no further one is in the file yet."""
        while not self._ready:
            chunk = self._file.read(_CHUNK)
            if not chunk:
                return None
            lines = (self._rest + chunk).split(b"\n")
            self._rest = lines.pop()
            self._ready = [record for line in reversed(lines) if (record := decode(line)) is not None]
        return self._ready.pop()

    def close(self) -> None:
        self._file.close()
