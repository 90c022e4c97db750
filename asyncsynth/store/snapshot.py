"""Reads an output directory without a lock and without changing it, also while a run works on it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from asyncsynth.store import manifest
from asyncsynth.store.contents import ANSWERS, MANIFEST, Contents, open_source
from asyncsynth.store.encoding import decode
from asyncsynth.store.files import Files, OsFiles, doing
from asyncsynth.store.lock import LOCK
from asyncsynth.store.lookup import Lookup
from asyncsynth.store.reading import Reading, read_files
from asyncsynth.store.records_view import RecordsView
from asyncsynth.store.scan import Source, last_lines, read_newest_pieces_first, read_pieces
from asyncsynth.store.views import RECORDS
from asyncsynth.values import Call

_LINES_A_SAMPLE = 8  # answers that are looked through for each that is wanted of one step


class Snapshot(Contents):
    """A directory as it was when it was read; `under_way` are the calls of the run that works on it, if one does."""

    def __init__(self, directory: Path, files: Files, reading: Reading, *, running: bool) -> None:
        state = reading.state
        super().__init__(directory, files, state)
        self.running = running
        self._end_of_answers = reading.answers
        calls = tuple(state.calls.oldest_first())
        self.under_way: tuple[Call, ...] = calls if running else ()
        if not running:
            self.newly_lost = calls
            if calls:
                state.apply(manifest.lost(calls))

    @contextlib.contextmanager
    def open_view(self) -> Iterator[RecordsView | None]:
        """records.jsonl; None where it is not there, or where nothing is known of it."""
        with contextlib.ExitStack() as stack:
            source = open_source(stack, self._files, self.directory / RECORDS) if self.views.recipe else None
            noted, all_count = self.views.records, not self.cleared
            yield (
                None if source is None else RecordsView(self._files, source, noted, self.answered, all_count=all_count)
            )

    def newest_answers(self, number: int, step: str | None) -> list[dict[str, Any]]:
        """The newest answers that count, of this step where one is named, oldest first; at most so many."""
        if step is None:
            return self._newest(ANSWERS, self._end_of_answers.end, number)
        found = self._newest(ANSWERS, self._end_of_answers.end, number * _LINES_A_SAMPLE)
        return [answer for answer in found if answer["step"] == step][-number:]

    def newest_records(self, number: int) -> list[dict[str, Any]]:
        """The last records that were noted and count; at most so many."""
        return self._newest(RECORDS, self.views.records.size, number)

    def _newest(self, name: str, end: int, number: int) -> list[dict[str, Any]]:
        with self._reading(name) as source:
            if source is None or self._files.size(source.fd) < end:
                return []
            found = [decode(line) for line in last_lines(self._files, source.fd, end, number)]
        return [line for line in found if line is not None and line.get("key") in self.answered]

    @contextlib.contextmanager
    def open_answers(self, *, shared: bool, newest_first: bool = False) -> Iterator[Callable[[], Lookup] | None]:
        """What looks up the answers that count, each time from the beginning; see Contents."""
        with contextlib.ExitStack() as stack:
            source = open_source(stack, self._files, self.directory / ANSWERS)
            if source is None:
                yield None
                return
            there = source

            def look_up() -> Lookup:
                pieces = self._pieces(there, newest_first=newest_first)
                return Lookup(self._files, there, self.answered, self._state.generations, pieces, shared=shared)

            yield look_up

    def _pieces(self, answers: Source, *, newest_first: bool) -> Iterator[tuple[int, Sequence[bytes]]]:
        """What answers.jsonl was when it was read, and nothing that a run appends meanwhile."""
        tail = self._end_of_answers
        if newest_first:
            yield from read_newest_pieces_first(self._files, answers.fd, tail.end)
        else:
            yield from read_pieces(self._files, answers.fd, 0, tail.end)
        if tail.whole_line is not None:
            yield tail.end, [tail.whole_line]


def read_store(directory: Path, *, files: Files | None = None) -> Snapshot:
    """What is there; a directory that does not exist is an empty store, a torn tail is ignored.

    Raises StoreDamaged, and StoreWriteFailed where a file can't be read.
    """
    files = files or OsFiles()
    with contextlib.ExitStack() as stack:
        running = is_locked(files, directory / LOCK)
        note = open_source(stack, files, directory / MANIFEST)
        answers = open_source(stack, files, directory / ANSWERS)
        with doing("read", directory):
            reading = read_files(files, note, answers, calls_since=math.inf)
    return Snapshot(directory, files, reading, running=running)


def is_locked(files: Files, path: Path) -> bool:
    """Whether a run holds the lock: tries a shared one and gives it back at once."""
    with contextlib.ExitStack() as stack:
        source = open_source(stack, files, path)
        with doing("lock", path):
            return source is not None and not files.lock(source.fd, exclusive=False)
