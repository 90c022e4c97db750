"""What people think of the samples of a directory, kept in its marks.jsonl."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from asyncsynth.outputs.marks import Mark, mark_line, read_marks
from asyncsynth.store.files import APPEND, OsFiles, doing

MARKS = "marks.jsonl"


def marks_of(directory: Path) -> Mapping[str, Mark]:
    """The marks by key. Raises UsageError with the line that is none."""
    path = directory / MARKS
    return read_marks(path) if path.exists() else {}


def add_mark(directory: Path, key: str, mark: str | None, note: str) -> None:
    """Append a mark; None takes back what there is about this key. Raises StoreWriteFailed."""
    path, files = directory / MARKS, OsFiles()
    line = mark_line(key, Mark(mark or "", note))
    with doing("write", path):
        fd = files.open(path, APPEND)
        with contextlib.ExitStack() as stack:
            stack.callback(files.close, fd)
            end = files.size(fd)
            torn = end > 0 and files.read(fd, 1, end - 1) != b"\n"
            files.write(fd, b"\n" + line if torn else line)
            files.fdatasync(fd)
