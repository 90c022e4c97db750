"""The order in which things reach the files: answers, what the views make of them, then the manifest's lines."""

from __future__ import annotations

from collections.abc import Sequence

from asyncsynth.store import manifest
from asyncsynth.store.answers import AnswerFacts
from asyncsynth.store.groups import Group
from asyncsynth.store.journal import Journal
from asyncsynth.store.key_places import GrowingPlaces
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.manifest import Line
from asyncsynth.store.mark import Mark
from asyncsynth.store.scan import Source
from asyncsynth.store.sealed import seal
from asyncsynth.store.state import State
from asyncsynth.store.views import Lines, Views
from asyncsynth.values import Call


class Batch:
    """Lines that are written in one go, each file in one write()."""

    __slots__ = ("answers", "calls", "facts", "lines", "raw", "views")

    def __init__(self, *lines: Line) -> None:
        self.raw: list[bytes] = []
        self.answers: list[bytes] = []
        self.facts: list[AnswerFacts] = []
        self.views: list[Lines] = []
        self.lines = list(lines)  # for the manifest
        self.calls: list[Call] = []  # that begin; one line of the manifest for all

    @property
    def empty(self) -> bool:
        return not self.answers and not self.lines and not self.calls and not self.views


class Committer:
    """Writes batches and syncs groups. Not for two threads, but for `sync`, which may run in one beside all else."""

    def __init__(self, state: State, answers: Journal, manifest: Journal) -> None:
        self.state = state
        self.answers, self.manifest = answers, manifest
        self.raw: Journal | None = None
        self.views: Views | None = None  # None: nobody has asked for them
        self.written: GrowingPlaces | None = None  # where answers were written; None: nobody will ask for them
        self.cursor: Line | None = None  # noted when the next sync has ended: what it says must be on the disk by then
        self._cursor_in_sync: Line | None = None
        self._mark_in_sync: Mark | None = None
        self._group = Group(state.run, answers.size)
        self._in_sync: list[Group] = []  # begun and not ended, oldest first
        self._dirty = False
        self._whole = True  # whether all that was handed over is in the files: no batch has failed

    @property
    def healthy(self) -> bool:
        return self.answers.healthy and self.manifest.healthy

    @property
    def truth(self) -> list[Source]:
        """The open files that can't be made again."""
        return [Source(journal.path, journal.fd) for journal in (self.answers, self.manifest)]

    @property
    def derived(self) -> list[Source]:
        """All other open files."""
        views = (self.views.records, self.views.failures) if self.views is not None else ()
        return [Source(each.path, each.fd) for each in (self.raw, *views) if each is not None and each.fd >= 0]

    @property
    def unsynced(self) -> int:
        """Answers that were written since the last `begin_sync`."""
        return len(self._group.keys)

    @property
    def dirty(self) -> bool:
        """Whether anything was written since the last `begin_sync`."""
        return self._dirty

    def write(self, batch: Batch) -> None:
        """Raises StoreWriteFailed; then what the batch holds may or may not be in the files, whole lines only."""
        try:
            self._write(batch)
        except BaseException:
            self._whole = False
            raise
        self._dirty = True

    def _write(self, batch: Batch) -> None:
        state = self.state
        if batch.raw and self.raw is not None:
            self.raw.append(batch.raw)
            self.raw.let_go()
        if batch.answers:
            self._write_answers(batch.answers, batch.facts)
        if batch.lines or batch.calls:
            lines = [seal(line) for line in batch.lines]
            if batch.calls:
                lines.append(seal(manifest.calls(batch.calls)))
            self.manifest.append(lines)
            for value in batch.lines:
                state.apply(value)
            state.begin_calls(batch.calls)
        if batch.views and self.views is not None:
            self.views.append(batch.views)

    def _write_answers(self, lines: Sequence[bytes], facts: Sequence[AnswerFacts]) -> None:
        data, spent = b"".join(lines), SpentSum.of(facts)
        self.state.answer_all(facts, spent)
        place = self.answers.append([data])
        self._group.add(data, facts, spent)
        if self.written is not None:
            self.written.add((each.key for each in facts), lines, place)
        if self.views is None or not self.views.up_to_date:
            self.state.note_new(place, [each.key for each in facts])

    def begin_sync(self) -> None:
        """Closes the group that the next `sync` makes durable."""
        self._in_sync.append(self._group)
        self._group = Group(self.state.run, self.answers.size)
        if self._whole and self.views is not None and self.views.healthy:
            self._mark_in_sync = self.views.mark(self.answers.size, self.state.dead_lines)
            self._cursor_in_sync, self.cursor = self.cursor or self._cursor_in_sync, None
        else:  # the next open repairs the views from what was noted before, which a cursor must not outrun
            self._mark_in_sync = self._cursor_in_sync = self.cursor = None
        self._dirty = False

    def sync(self) -> None:
        """Everything written before; blocks for the disk."""
        self.answers.sync()
        self.manifest.sync()

    def end_sync(self) -> None:
        """The manifest's lines of what was begun before a `sync` that succeeded."""
        lines = [group.line() for group in self._in_sync if group.keys]
        self._in_sync.clear()
        if self._mark_in_sync is not None and self._mark_in_sync != self.state.views:
            lines.append(self._mark_in_sync.line())
            self.state.apply(lines[-1])
        self._mark_in_sync = None
        if self._cursor_in_sync is not None:
            lines.append(self._cursor_in_sync)
            self._cursor_in_sync = None
        if lines:
            self.manifest.append([seal(line) for line in lines])

    def note(self, *lines: Line) -> None:
        """Manifest lines outside of a run's batches, behind those of all that was written; on the disk on return."""
        if self._dirty:
            self.flush()
        self.write(Batch(*lines))
        self.flush()

    def flush(self) -> None:
        """Blocks until all that was written, and the manifest's lines about it, are on the disk."""
        self.begin_sync()
        self.answers.sync()
        self.end_sync()
        self.manifest.sync()
        if self.raw is not None:
            self.raw.sync()

    def restart_groups(self) -> None:
        """After others noted the groups of all that is there."""
        self._in_sync.clear()
        self._group = Group(self.state.run, self.answers.size)

    def close(self) -> None:
        for journal in (self.answers, self.manifest, self.raw, self.views):
            if journal is not None:
                journal.close()
