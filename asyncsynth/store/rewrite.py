"""Writes records.jsonl anew without the dropped records: a temporary file, fsync, rename, fsync of the directory."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from asyncsynth.store.encoding import encode
from asyncsynth.store.files import REPLACE, Files, doing
from asyncsynth.store.index import Grouping
from asyncsynth.store.journal import read_lines
from asyncsynth.store.records import RecordFacts, facts_of_line

_BUFFER = 1 << 20


def replace_file(files: Files, path: Path, data: bytes) -> None:
    """Atomically gives `path` this content."""
    with doing("write", path):
        fresh = path.with_name(path.name + ".new")
        fd = files.open(fresh, REPLACE)
        try:
            _write_all(files, fd, data)
            _finish(files, fd, len(data))
        finally:
            files.close(fd)
        files.rename(fresh, path)
        files.sync_directory(path.parent)


def rewrite_records(files: Files, path: Path, source_fd: int, keep: Callable[[RecordFacts], bool]) -> list[bytes]:
    """Copies the records that `keep` wants; returns the manifest's `records` lines for the new file.

    Raises StoreWriteFailed; then the old file is still there.
    """
    index: list[bytes] = []
    grouping = Grouping()
    with doing("write", path):
        fresh = path.with_name(path.name + ".new")
        fd = files.open(fresh, REPLACE)
        try:
            buffer = bytearray()
            for _, piece in read_lines(files, source_fd):
                facts = facts_of_line(piece)
                if facts is None or not keep(facts):
                    continue
                line = piece + b"\n"
                closed = grouping.add(line, facts)
                if closed is not None:
                    index.append(encode(closed.line()))
                buffer += line
                if len(buffer) >= _BUFFER:
                    _write_all(files, fd, bytes(buffer))
                    buffer.clear()
            _write_all(files, fd, bytes(buffer))
            _finish(files, fd, grouping.group.offset + grouping.group.length)
        finally:
            files.close(fd)
        files.rename(fresh, path)
        files.sync_directory(path.parent)
    if grouping.group.keys:
        index.append(encode(grouping.group.line()))
    return index


def _write_all(files: Files, fd: int, data: bytes) -> None:
    written = 0
    while written < len(data):
        written += files.write(fd, data[written:])


def _finish(files: Files, fd: int, size: int) -> None:
    """Syncs the new file, which replaces the old one only if it is whole."""
    if files.size(fd) != size:
        raise OSError(errno.EIO, "the file does not hold what was written to it")
    files.fdatasync(fd)
