"""An output directory that this process holds: begins and ends runs, clears dead letters, drops records."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from asyncsynth.store import manifest
from asyncsynth.store.commit import Committer
from asyncsynth.store.contents import LOCK, RAW, Contents
from asyncsynth.store.files import Files, OsFiles, doing
from asyncsynth.store.journal import Journal, last_line_end
from asyncsynth.store.lock import make_directory, take_lock
from asyncsynth.store.recover import finish_drop, recover, rewrite_failures
from asyncsynth.store.state import State

_DROP_BATCH = 256  # records whose whole text is in memory at once


class Store(Contents):
    """Close it: it holds the directory's lock. After a StoreWriteFailed only queries and `close` are of use."""

    def __init__(
        self, directory: Path, files: Files, state: State, committer: Committer, lock_fd: int, now: Callable[[], float]
    ) -> None:
        super().__init__(directory, files, state)
        self.committer = committer
        self._lock_fd = lock_fd
        self._now = now

    @property
    def run(self) -> int:
        """The number of the newest run; 0 before the first."""
        return self._state.run

    def begin_run(self, facts: Mapping[str, Any]) -> int:
        """Notes a new run with the facts of its recipe (a JSON object); returns its number."""
        number = self._state.run + 1
        self.committer.note(manifest.run(number, self._now(), facts))
        return number

    def end_run(self, how: str) -> None:
        """Notes how the run ended ("complete", ...); does nothing where the files can't be written any more."""
        if self.committer.healthy:
            self.committer.note(manifest.run_end(self._state.run, self._now(), how))

    def note_ended(self, order: str, samples: int) -> None:
        """Notes, with the next sync, that the first so many samples of this order of a recipe have their end."""
        self.committer.cursor = manifest.cursor(order, samples)

    def keep_raw(self) -> None:
        """Opens raw.jsonl and cuts a torn tail off."""
        if self.committer.raw is None:
            journal = Journal(self._files, self.directory / RAW)
            with doing("read", journal.path):
                end = last_line_end(self._files, journal.fd)
            journal.cut(end)
            self.committer.raw = journal

    def retry(self, reasons: Collection[str] | None = None) -> int:
        """Clears the dead letters of these reasons (None: all), so that the next run tries them; returns how many."""
        keys = [key for key, letter in self.dead.items() if reasons is None or letter.reason in reasons]
        if keys:
            self.committer.note(manifest.retry(keys))
            rewrite_failures(self._files, self.committer)
        return len(keys)

    def drop(self, predicate: Callable[[dict[str, Any]], bool]) -> list[str]:
        """Takes the records that `predicate` wants out; returns their keys.

        The next run makes them anew, with a new UUID. The whole records go into the manifest first, so that neither
        text nor money is lost.
        """
        dropped: list[str] = []
        lines: list[manifest.Line] = []
        for record in self.records():
            if predicate(record):
                key = record["key"]
                generation = 1 + max(self.generation(key), int(record.get("generation", 0)))
                lines.append(manifest.drop(key, generation, record))
                dropped.append(key)
            if len(lines) >= _DROP_BATCH:
                self.committer.note(*lines)
                lines.clear()
        if lines:
            self.committer.note(*lines)
        if dropped:
            finish_drop(self._files, self.committer, self._now())
        return dropped

    def close(self) -> None:
        """Syncs what is open where that can be, and gives the lock back."""
        if self._lock_fd < 0:
            return
        try:
            if self.committer.healthy and self.committer.dirty:
                self.committer.flush()
        finally:
            self.committer.close()
            with contextlib.suppress(OSError):
                self._files.close(self._lock_fd)
            self._lock_fd = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_store(directory: Path, *, now: Callable[[], float], files: Files | None = None) -> Store:
    """Locks the directory (made where it is missing), repairs what a crash left, and names the calls that it cost.

    Raises StoreLocked, StoreDamaged, or StoreWriteFailed where the directory can't be used.
    `now` gives seconds since the epoch.
    """
    files = files or OsFiles()
    make_directory(files, directory)
    lock_fd = take_lock(files, directory / LOCK)
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(files.close, lock_fd)
        found = recover(files, directory, now())
        on_failure.pop_all()
    store = Store(directory, files, found.committer.state, found.committer, lock_fd, now)
    store.recovered, store.newly_lost = tuple(found.notes), found.newly_lost
    return store
