"""An output directory that this process holds: begins and ends runs, clears dead letters, drops answers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Container, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from asyncsynth.store import manifest
from asyncsynth.store.answers import KEY_IN_LINE, AnswerFacts, facts_of_line
from asyncsynth.store.commit import Committer
from asyncsynth.store.contents import LOCK, RAW, Contents
from asyncsynth.store.files import Files, OsFiles, doing
from asyncsynth.store.journal import Journal, last_line_end, read_lines
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.lock import make_directory, take_lock
from asyncsynth.store.lookup import Lookup
from asyncsynth.store.recovery import recover
from asyncsynth.store.state import State
from asyncsynth.store.views import Views

_KEYS_A_LINE = 4096  # of a `drop` line


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

    def begin_run(self, *, recipe: str, order: str, facts: Mapping[str, Any]) -> int:
        """Notes a new run with the facts of its recipe (a JSON object); returns its number."""
        number = self._state.run + 1
        self.committer.note(manifest.run(number, self._now(), recipe=recipe, order=order, facts=facts))
        return number

    def end_run(self, how: str) -> None:
        """Notes how the run ended ("complete", ...); does nothing where the files can't be written any more."""
        if self.committer.healthy:
            self.committer.note(manifest.run_end(self._state.run, self._now(), how))
            views = self.committer.views
            if views is not None and views.healthy and views.show_types_first():
                self.note_views()

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

    def open_views(self) -> Views:
        """The views as they were noted last, cut back to that where they hold it; to be brought up to date."""
        if self.committer.views is None:
            self.committer.views = Views(self._files, self.directory, self._state.views)
        return self.committer.views

    def note_views(self) -> None:
        """Notes what the views hold now; all answers and dead letters that belong to their recipe are in it."""
        self.committer.flush()

    def lookup(self, wanted: Container[str], *, new_only: bool = False) -> Lookup:
        """The answers of these keys; `new_only`: only what came after the views were noted."""
        start = self._state.views.answers if new_only else 0
        answers = self.committer.answers
        return Lookup(self._files, answers.path, answers.fd, wanted, start)

    def retry(self, reasons: Collection[str] | None = None) -> int:
        """Clears the dead letters of these reasons (None: all), so that the next run tries them; returns how many."""
        keys = [key for key, letter in self.dead.items() if reasons is None or letter.reason in reasons]
        if keys:
            self.committer.note(manifest.retry(keys))
            self._leave_out(frozenset(keys))
        return len(keys)

    def drop(self, keys: Collection[str]) -> int:
        """These keys' answers count no longer: the next run asks anew, with a new UUID. Returns how many there were.

        The answers stay in answers.jsonl and on the bill; the views are copied without them.
        """
        facts = self._facts_of(frozenset(key for key in keys if key in self.answered))
        for run in sorted({one.run for one in facts}):
            of_run = [one for one in facts if one.run == run]
            for start in range(0, len(of_run), _KEYS_A_LINE):
                self._drop_of_run(run, of_run[start : start + _KEYS_A_LINE])
        if facts:
            self._leave_out(frozenset(one.key for one in facts))
        return len(facts)

    def _drop_of_run(self, run: int, facts: list[AnswerFacts]) -> None:
        spent = SpentSum()
        for one in facts:
            spent.add(one.prompt_tokens, one.completion_tokens, one.cost)
        self.committer.note(manifest.drop(run, [one.key for one in facts], spent.sums()))

    def _facts_of(self, keys: frozenset[str]) -> list[AnswerFacts]:
        """The facts of the newest answer of each key."""
        wanted, found = {key.encode() for key in keys}, dict[str, AnswerFacts]()
        answers = self.committer.answers
        if not wanted:
            return []
        with doing("read", answers.path):
            for _, line in read_lines(self._files, answers.fd):
                if line[KEY_IN_LINE] in wanted and (facts := facts_of_line(line)) is not None:
                    found[facts.key] = facts
        return list(found.values())

    def _leave_out(self, keys: frozenset[str]) -> None:
        """Takes keys out of the views, as far as those are what was noted; else the next run makes them anew."""
        views = self.open_views()
        if views.hold():
            views.cut()
            views.leave_out(keys | self.cleared)
            self.note_views()

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


def open_store(directory: Path, *, now: Callable[[], float], files: Files | None = None, make: bool = True) -> Store:
    """Locks the directory, repairs what a crash left, and names the calls that it cost.

    `make`: the directory is made where it is missing. `now` gives seconds since the epoch.
    Raises StoreLocked, StoreDamaged, or StoreWriteFailed where the directory can't be used.
    """
    files = files or OsFiles()
    if make:
        make_directory(files, directory)
    lock_fd = take_lock(files, directory / LOCK)
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(files.close, lock_fd)
        found = recover(files, directory, now())
        on_failure.pop_all()
    store = Store(directory, files, found.committer.state, found.committer, lock_fd, now)
    store.recovered, store.newly_lost = tuple(found.notes), found.newly_lost
    return store
