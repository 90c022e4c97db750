"""An output directory that this process holds: begins and ends runs, clears dead letters, drops answers."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store import manifest
from asyncsynth.store.contents import RAW, Contents
from asyncsynth.store.drops import drop_lines, newest_answers
from asyncsynth.store.files import Files, OsFiles, doing
from asyncsynth.store.journal import Journal
from asyncsynth.store.key_places import GrowingPlaces
from asyncsynth.store.lock import LOCK, make_directory, take_lock, unlock
from asyncsynth.store.lookup import Lookup
from asyncsynth.store.manifest import Line
from asyncsynth.store.recovery import Recovered, recover
from asyncsynth.store.scan import Source, last_line_end, read_newest_pieces_first, read_pieces
from asyncsynth.store.taken_away import missing, why_taken_away
from asyncsynth.store.views import Views


class Store(Contents):
    """Close it: it holds the directory's lock. After a StoreWriteFailed only queries and `close` are of use."""

    def __init__(self, directory: Path, files: Files, found: Recovered, lock_fd: int, now: Callable[[], float]) -> None:
        super().__init__(directory, files, found.committer.state)
        self.recovered, self.newly_lost = tuple(found.notes), found.newly_lost
        self.committer = found.committer
        self._lock_fd = lock_fd
        # "." has no name, and the working directory may be deleted with what is in it.
        self._whole_path = Path(os.path.abspath(directory))  # noqa: PTH100 - resolve() would follow links
        self._now = now
        self._told = False  # that files were taken away

    @property
    def run(self) -> int:
        """The number of the newest run; 0 before the first."""
        return self._state.run

    def recent_calls(self, since: float) -> list[tuple[float, int, str]]:
        """(sent_at, tokens, name of the endpoint) of the calls sent at `since` or later, oldest first.

        At most the last 75 s are known.
        """
        return self._state.recent.since(since)

    def begin_run(self, *, recipe: str, order: str, facts: Mapping[str, Any], wanted: int | None = None) -> int:
        """Notes a new run with the facts of its recipe (a JSON object); returns its number.

        `wanted`: how many samples there shall be in all, as far as that is known.
        """
        number = self._state.ledger.newest + 1
        begin = manifest.run(number, self._now(), recipe=recipe, order=order, facts=facts, wanted=wanted)
        self.committer.note(*self._calls_cut_off(), begin)
        return number

    def end_run(self, how: str) -> None:
        """Notes how the run ended ("complete", ...); does nothing where the files can't be written any more."""
        if self.committer.healthy:
            if self.committer.views is not None and not self.taken_away():
                self.committer.views.show_types_first()
            self.committer.note(*self._calls_cut_off(), manifest.run_end(self._state.run, self._now(), how))

    def _calls_cut_off(self) -> list[Line]:
        calls = self._state.calls.oldest_first()
        return [manifest.lost(calls)] if calls else []

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
        """The views as they were noted last; to be brought up to date."""
        if self.committer.views is None:
            mark, note = self._state.views, self.committer.flush
            self.committer.views = Views(self._files, self.directory, mark, note)
        return self.committer.views

    def note_views(self) -> None:
        """Notes what the views hold now."""
        self.committer.flush()

    @contextlib.contextmanager
    def open_answers(self, *, shared: bool, newest_first: bool = False) -> Iterator[Callable[[], Lookup]]:
        """What looks up the answers that are there now, each time from the beginning; see Contents."""
        yield lambda: self.newest_lookup() if newest_first else self.lookup(shared=shared)

    def lookup(self, *, shared: bool, new_only: bool = False) -> Lookup:
        """The lines of answers; `shared`: for samples that share them; `new_only`: of those that came after the views
        were noted.
        """
        start = self._state.views.answers if new_only else 0
        source = self.committer.truth[0]
        pieces = read_pieces(self._files, source.fd, start, self.committer.answers.size)
        return Lookup(self._files, source, self.answered, self._state.generations, pieces, shared=shared)

    def newest_lookup(self) -> Lookup:
        """The same for answers of which most are among the newest; samples may share them."""
        source = self.committer.truth[0]
        pieces = read_newest_pieces_first(self._files, source.fd, self.committer.answers.size)
        answered, generations = self.answered, self._state.generations
        return Lookup(self._files, source, answered, generations, pieces, shared=True, written=self.committer.written)

    def remember_places(self) -> None:
        """For lookups that also find what is written from now on."""
        self.committer.written = GrowingPlaces()

    def retry(self, reasons: Collection[str] | None = None, rejected: Collection[str] = ()) -> int:
        """Clears the dead letters of these reasons (None: all), so that the next run tries them; returns how many.

        With them go the last takes of samples whose every answer was rejected, by these keys: each is asked once more.
        """
        dead = [key for key, letter in self.dead.items() if reasons is None or letter.reason in reasons]
        return self._take_out(dead, rejected)

    def drop(self, keys: Collection[str]) -> int:
        """These keys' answers count no longer: the next run asks anew, with a new UUID. Returns how many there were.

        The answers stay in answers.jsonl and on the bill; the views are copied without them.
        """
        return self._take_out([], keys)

    def _take_out(self, dead: Sequence[str], answers: Collection[str]) -> int:
        there = frozenset(key for key in answers if key in self.answered)
        facts = newest_answers(self._files, self.committer.truth[0], there)
        lines = [*([manifest.retry(dead)] if dead else []), *drop_lines(facts)]
        if lines:
            self.committer.note(*lines)
            self._leave_out([*dead, *(each.key for each in facts)])
        return len(dead) + len(facts)

    def _leave_out(self, keys: Collection[str]) -> None:
        """Takes keys out of the views, as far as those are what was noted; else the next run makes them anew."""
        try:
            views = self.open_views()
            if views.known.recipe:
                views.leave_out(self.cleared.union(keys))
                if "steps" in (self.last_facts or {}):
                    views.doubt()  # what was made from these answers goes as well, which only the recipe knows
                self.note_views()
        except StoreWriteFailed as failure:
            done = "it is noted and counts, only the files are still to be brought up to date, which the next run does"
            raise StoreWriteFailed(f"{failure.message}\n   {done}", failure.hint) from failure

    def taken_away(self) -> bool:
        """Whether an open file was moved, replaced or deleted, so that a run must not go on."""
        with doing("look at", self.directory):
            return bool(missing(self._files, self._opened()))

    def tell_if_taken_away(self) -> None:
        """Raises StoreTakenAway, once, where that is so; answers that were deleted are saved before."""
        if not self._told and self.committer.healthy:
            gone = why_taken_away(self._files, self._whole_path, self._opened(), self.committer.truth)
            if gone is not None:
                self._told = True
                raise gone

    def _opened(self) -> list[Source]:
        return [*self.committer.truth, *self.committer.derived, Source(self.directory / LOCK, self._lock_fd)]

    def close(self) -> None:
        """Syncs what is open where that can be, and gives the lock back. Raises StoreTakenAway, see above."""
        if self._lock_fd < 0:
            return
        try:
            if self.committer.healthy and self.committer.dirty:
                self.committer.flush()
            self.tell_if_taken_away()
        finally:
            unlock(self._files, self._lock_fd, self.committer.truth[0].fd)
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
    return Store(directory, files, found, lock_fd, now)
