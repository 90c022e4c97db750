"""The order in which things reach the files: records, their fdatasync, then the manifest's lines about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from asyncsynth.store.encoding import encode
from asyncsynth.store.index import Group
from asyncsynth.store.journal import Journal
from asyncsynth.store.manifest import Line
from asyncsynth.store.records import RecordFacts
from asyncsynth.store.state import State


@dataclass(slots=True)
class Batch:
    """Lines that are written in one go, each file in one write()."""

    raw: list[bytes] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    facts: list[RecordFacts] = field(default_factory=list)
    manifest: list[bytes] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)  # the values of `manifest`
    failures: list[bytes] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not self.records and not self.manifest

    def note(self, line: Line) -> None:
        """Adds a line for the manifest."""
        self.manifest.append(encode(line))
        self.lines.append(line)


class Committer:
    """Writes batches and syncs groups. Not for two threads, but for `sync`, which may run in one beside all else."""

    def __init__(self, state: State, records: Journal, manifest: Journal, failures: Journal) -> None:
        self.state = state
        self.records, self.manifest, self.failures = records, manifest, failures
        self.raw: Journal | None = None
        self.cursor: Line | None = None  # noted when the next sync has ended: what it says must be on the disk by then
        self._cursor_in_sync: Line | None = None
        self._group = Group(state.run, records.size)
        self._in_sync: list[Group] = []  # begun and not ended, oldest first
        self._dirty = False

    @property
    def healthy(self) -> bool:
        return self.records.healthy and self.manifest.healthy

    @property
    def unsynced(self) -> int:
        """Records that were written since the last `begin_sync`."""
        return len(self._group.keys)

    @property
    def dirty(self) -> bool:
        """Whether anything was written since the last `begin_sync`."""
        return self._dirty

    def write(self, batch: Batch) -> None:
        """Raises StoreWriteFailed; then what the batch holds may or may not be in the files, whole lines only."""
        state = self.state
        if batch.raw and self.raw is not None:
            self.raw.append(batch.raw)
            self.raw.let_go()
        if batch.records:
            self.records.append(batch.records)
            group = self._group
            for line, facts in zip(batch.records, batch.facts, strict=True):
                state.recorded(facts)
                group.add(line, facts)
        if batch.manifest:
            self.manifest.append(batch.manifest)
            for value in batch.lines:
                state.apply(value)
        if batch.failures:
            self.failures.append(batch.failures)
            self.failures.let_go()  # the manifest has it too
        self._dirty = True

    def begin_sync(self) -> None:
        """Closes the group that the next `sync` makes durable."""
        self._in_sync.append(self._group)
        self._group = Group(self.state.run, self.records.size)
        self._cursor_in_sync, self.cursor = self.cursor or self._cursor_in_sync, None
        self._dirty = False

    def sync(self) -> None:
        """Everything written before; blocks for the disk."""
        self.records.sync()
        self.manifest.sync()

    def end_sync(self) -> None:
        """The manifest's lines of the groups begun before a `sync` that succeeded."""
        lines = [encode(group.line()) for group in self._in_sync if group.keys]
        self._in_sync.clear()
        if self._cursor_in_sync is not None:
            lines.append(encode(self._cursor_in_sync))
            self._cursor_in_sync = None
        if lines:
            self.manifest.append(lines)

    def flush(self) -> None:
        """Blocks until all that was written, and the manifest's lines about it, are on the disk."""
        self.begin_sync()
        self.records.sync()
        self.end_sync()
        self.manifest.sync()
        self.failures.sync()
        if self.raw is not None:
            self.raw.sync()

    def restart_groups(self) -> None:
        """After records.jsonl was replaced and indexed by others."""
        self._in_sync.clear()
        self._group = Group(self.state.run, self.records.size)

    def note(self, *lines: Line) -> None:
        """Manifest lines outside of a run's batches, on the disk when this returns."""
        batch = Batch()
        for line in lines:
            batch.note(line)
        self.write(batch)
        self.flush()

    def close(self) -> None:
        for journal in (self.records, self.manifest, self.failures, self.raw):
            if journal is not None:
                journal.close()
