"""An append-only file with one JSON line a call, written before the answer is sent.

It is the provider's own memory: it outlives kill -9 of a client, and of the server but for a power cut.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from asyncsynth.errors import UsageError


class Ledger:
    """Appends lines; a context manager that closes the file. UsageError where it can't be opened."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UsageError(f"the ledger {path} can't be opened: {error.strerror}") from error

    def append(self, line: dict[str, Any]) -> None:
        """UsageError where the whole line can't be written."""
        data = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        try:
            written = os.write(self._file, data)
        except OSError as error:
            raise UsageError(f"the ledger can't be written: {error.strerror}") from error
        if written < len(data):
            raise UsageError("the ledger can't be written: the disk is full")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        os.close(self._file)
