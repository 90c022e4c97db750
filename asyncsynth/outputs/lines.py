"""Writes rows as lines of JSON: UTF-8 without a BOM, a row a line whatever a loader takes for the end of one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import orjson

from asyncsynth.outputs.examples import Row

_BUFFER = 1 << 20
# JSON lets them stand as they are; whoever splits a text at every line break of Unicode would cut a row there.
_BREAKS = ((b"\xe2\x80\xa8", rb"\u2028"), (b"\xe2\x80\xa9", rb"\u2029"), (b"\xc2\x85", rb"\u0085"))


def line_of(row: Row) -> bytes:
    """The row with its newline."""
    return without_breaks(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def without_breaks(line: bytes) -> bytes:
    """The same JSON without what may be taken for the end of a line, but for its last byte."""
    if line.isascii():  # a quick look, compared with three searches
        return line
    for found, escaped in _BREAKS:
        if found in line:
            line = line.replace(found, escaped)
    return line


def new_file(path: Path) -> IO[bytes]:
    """A file that was not there before, for its owner only, like all that a run makes."""
    return open(path, "xb", buffering=_BUFFER, opener=lambda name, flags: os.open(name, flags, 0o600))


class Lines:
    """A file for each split."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._files: dict[str, IO[bytes]] = {}
        for split, path in paths.items():
            self._files[split] = new_file(path)

    def write(self, split: str, row: Row) -> None:
        self.add(split, line_of(row))

    def add(self, split: str, line: bytes) -> None:
        """A line that was made already."""
        self._files[split].write(line)

    def finish(self) -> None:
        """All of it on the disk."""
        for file in self._files.values():
            file.flush()
            os.fsync(file.fileno())

    def close(self) -> None:
        for file in self._files.values():
            file.close()
