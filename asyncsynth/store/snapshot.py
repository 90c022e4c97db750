"""Reads an output directory without a lock and without changing it, also while a run works on it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from asyncsynth.store import manifest
from asyncsynth.store.contents import ANSWERS, LOCK, MANIFEST, Contents
from asyncsynth.store.files import READ, Files, OsFiles, doing
from asyncsynth.store.journal import Source
from asyncsynth.store.reading import read_files
from asyncsynth.store.state import State
from asyncsynth.values import Call


class Snapshot(Contents):
    """A directory as it was when it was read; `under_way` are the calls of the run that works on it, if one does."""

    def __init__(self, directory: Path, files: Files, state: State, *, running: bool) -> None:
        super().__init__(directory, files, state)
        self.running = running
        calls = tuple(state.open_calls())
        self.under_way: tuple[Call, ...] = calls if running else ()
        if not running:
            self.newly_lost = calls
            if calls:
                state.apply(manifest.lost(calls))


def read_store(directory: Path, *, files: Files | None = None) -> Snapshot:
    """What is there; a directory that does not exist is an empty store, a torn tail is ignored.

    Raises StoreDamaged, and StoreWriteFailed where a file can't be opened.
    """
    files = files or OsFiles()
    with contextlib.ExitStack() as stack:
        running = _is_locked(files, directory / LOCK)
        note = _source(stack, files, directory / MANIFEST)
        reading = read_files(files, note, _source(stack, files, directory / ANSWERS))
    return Snapshot(directory, files, reading.state, running=running)


def _source(stack: contextlib.ExitStack, files: Files, path: Path) -> Source | None:
    with doing("read", path):
        try:
            fd = files.open(path, READ)
        except (FileNotFoundError, NotADirectoryError):
            return None
    stack.callback(files.close, fd)
    return Source(path, fd)


def _is_locked(files: Files, path: Path) -> bool:
    """Whether a run holds the lock: tries a shared one and gives it back at once."""
    with contextlib.ExitStack() as stack:
        source = _source(stack, files, path)
        return source is not None and not files.lock(source.fd, exclusive=False)
