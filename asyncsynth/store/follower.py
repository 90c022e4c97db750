"""Follows a directory's manifest and views, as `tail -f` does: for whoever looks at a run again and again.

Memory does not grow with the samples: no keys are kept but those of dead letters.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from asyncsynth.errors import StoreDamaged, StoreError
from asyncsynth.store.contents import MANIFEST, open_source
from asyncsynth.store.files import Files, OsFiles, doing
from asyncsynth.store.ledger import Ledger
from asyncsynth.store.manifest import SCHEMA, Line, calls_head, parse, wanted_of
from asyncsynth.store.mark import Extent, Mark, mark_of
from asyncsynth.store.scan import Source, read_pieces
from asyncsynth.store.views import FAILURES, RECORDS

_CALLS = b'{"type":"calls"'


class Follower:
    """`look` reads what came since the last one; the rest tells what was read so far."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._files = OsFiles()
        self._file = 0  # inode of the manifest
        self._begin()

    def _begin(self) -> None:
        self.ledger = Ledger()
        self.dead: dict[str, str] = {}  # key -> reason
        self.views = Mark()
        self.size = 0  # bytes of the manifest that were read
        self._records, self._failures = _LineCount(RECORDS), _LineCount(FAILURES)
        self._handlers: dict[str, Callable[[Line], object]] = {
            "header": self._header,
            "run": self._run,
            "run_end": self._run_end,
            "fault": self._fault,
            "answers": lambda line: self.ledger.of(int(line["run"])).answered.add_sums(line, len(line["keys"])),
            "dead": lambda line: self.dead.__setitem__(str(line["key"]), str(line["reason"])),
            "retry": lambda line: [self.dead.pop(key, None) for key in line["keys"]],
            "drop": lambda line: self.ledger.drop(int(line["run"]), line, len(line["keys"])),
            "views": self._views,
            "lost": self._lost,
        }

    @property
    def records(self) -> int:
        """Lines of records.jsonl."""
        return self._records.extent.lines

    @property
    def failures(self) -> int:
        """Lines of failures.jsonl."""
        return self._failures.extent.lines

    def look(self) -> None:
        """Read on; from the beginning where the file is another one, or shorter. Raises StoreDamaged, StoreError."""
        with contextlib.ExitStack() as stack:
            path = self.directory / MANIFEST
            source = open_source(stack, self._files, path)
            with doing("read", path):
                file = 0 if source is None else os.fstat(source.fd).st_ino
                if source is None or file != self._file or self._files.size(source.fd) < self.size:
                    self._begin()
                self._file = file
                if source is not None:
                    self._read(source)
            for tail, noted in ((self._records, self.views.records), (self._failures, self.views.failures)):
                tail.look(self._files, self.directory, noted)

    def _read(self, source: Source) -> None:
        for offset, lines in read_pieces(self._files, source.fd, self.size):
            for number, line in enumerate(lines, 1):
                if not self._take(line):
                    raise StoreDamaged(
                        f"{source.path}: line {number} after byte {offset} was changed since it was written",
                        hint=f"asyncsynth status --output {self.directory} tells more",
                    )
            self.size = offset + sum(map(len, lines)) + len(lines)

    def _take(self, line: bytes) -> bool:
        if line.startswith(_CALLS):
            head = calls_head(line)
            self.ledger.current.calls += head.calls if head is not None else 0
            return head is not None
        value = parse(line)
        if value is None:
            return False
        try:
            self._handlers.get(value["type"], _nothing)(value)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return False
        return True

    def _header(self, line: Line) -> None:
        if int(line["schema"]) > SCHEMA:
            raise StoreError(
                f"{self.directory} was written by another version of asyncsynth ({line.get('version')})",
                hint="look at it with that version",
            )

    def _run(self, line: Line) -> None:
        self.ledger.begin(int(line["id"]), float(line["at"]), str(line["recipe"]), wanted_of(line))

    def _run_end(self, line: Line) -> None:
        self.ledger.of(int(line["id"])).ended = str(line["how"])

    def _fault(self, line: Line) -> None:
        tokens = int(line["prompt_tokens"]), int(line["completion_tokens"])
        self.ledger.current.fault(line["billed"], line["reason"], line["cost"], *tokens)

    def _lost(self, line: Line) -> None:
        for call in line["calls"]:
            self.ledger.current.lost.add(0, 0, call[5])

    def _views(self, line: Line) -> None:
        self.views = mark_of(line)


class _LineCount:
    """How many lines a view has, counted on from what the manifest notes of it; `extent` as of the last look."""

    def __init__(self, name: str) -> None:
        self.extent = Extent()
        self._name = name
        self._file = 0  # its inode

    def look(self, files: Files, directory: Path, noted: Extent) -> None:
        path = directory / self._name
        with contextlib.ExitStack() as stack:
            source = open_source(stack, files, path)
            if source is None:
                self.extent = Extent()
                return
            with doing("read", path):
                seen = os.fstat(source.fd)
                before = self.extent if seen.st_ino == self._file else Extent()
                known = max((one for one in (Extent(), noted, before) if one.size <= seen.st_size), key=_size)
                lines, end = known.lines, known.size
                for offset, piece in read_pieces(files, source.fd, known.size, seen.st_size):
                    lines += len(piece)
                    end = offset + sum(map(len, piece)) + len(piece)
        self.extent, self._file = Extent(lines, end), seen.st_ino


def _size(extent: Extent) -> int:
    return extent.size


def _nothing(line: Line) -> None:
    del line
