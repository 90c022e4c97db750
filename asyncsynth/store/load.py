"""Reads an output directory into a State and says what would have to be repaired; changes nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from asyncsynth.errors import StoreDamaged
from asyncsynth.store.encoding import encode
from asyncsynth.store.files import Files
from asyncsynth.store.index import Grouping, index_holds
from asyncsynth.store.journal import Source, scan
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.manifest import Line, removed
from asyncsynth.store.records import facts_of_line
from asyncsynth.store.replay import Replay
from asyncsynth.store.state import State


@dataclass(slots=True)
class Loaded:
    """A State, where the good lines of both files end, and what the manifest lacks."""

    state: State
    manifest_end: int = 0
    records_end: int = 0
    records_start: int = 0  # of those that the manifest had not noted as synced
    reindexed: bool = False  # the manifest's `records` lines did not fit the records and are void
    half_dropped: bool = False  # records.jsonl still has to be rewritten
    index_lines: list[bytes] = field(default_factory=list)  # `records` lines that the manifest lacks
    removed_lines: list[Line] = field(default_factory=list)


def load(files: Files, manifest: Source | None, records: Source | None, *, calls_since: float = -math.inf) -> Loaded:
    """Replays both files; of the calls before `calls_since` (seconds since the epoch) no times are remembered.

    Raises StoreDamaged, or StoreError for a manifest of a later version.
    """
    loaded = Loaded(State())
    if manifest is not None:
        loaded.manifest_end = Replay(manifest, loaded.state).run(files, calls_since)
    loaded.half_dropped = loaded.state.half_dropped
    if records is not None:
        _load_records(files, records, loaded)
    return loaded


def _load_records(files: Files, records: Source, loaded: Loaded) -> None:
    state = loaded.state
    start, before = 0, {}
    if not state.half_dropped and index_holds(files, records.fd, state.places):
        start = state.places.end(len(state.places))
    else:
        loaded.reindexed = True
        before = {run.id: run.recorded for run in state.ledger.runs.values()}
        state.forget_index()
    loaded.records_start = start
    _scan_records(files, records, loaded, start)
    for run, old in before.items():
        line = _removed_line(run, old, state.ledger.of(run).recorded)
        if line is not None:
            loaded.removed_lines.append(line)


def _scan_records(files: Files, records: Source, loaded: Loaded, start: int) -> None:
    state, grouping = loaded.state, Grouping(start)

    def take(lines: list[bytes], offset: int) -> int:
        for number, line in enumerate(lines):
            facts = facts_of_line(line)
            if facts is None:
                return number
            if facts.generation < state.generation(facts.key):
                continue  # a drop that a crash cut short: the rewrite takes the line out
            if not state.recorded(facts):
                again = offset + sum(map(len, lines[:number])) + number
                raise StoreDamaged(
                    f"{records.path}: the sample {facts.key} is there twice (again at byte offset {again})",
                    hint="delete one of its lines; nothing was changed",
                )
            closed = grouping.add(line + b"\n", facts)
            if closed is not None:
                loaded.index_lines.append(encode(closed.line()))
        return len(lines)

    loaded.records_end = scan(files, records.fd, records.path, take, start)
    if grouping.group.keys:
        loaded.index_lines.append(encode(grouping.group.line()))


def _removed_line(run: int, old: SpentSum, new: SpentSum) -> Line | None:
    """What was paid for records that the manifest knew and records.jsonl no longer has."""
    gone = old.calls - new.calls
    if gone <= 0:
        return None
    was, now = old.sums(), new.sums()
    return removed(run, gone, {name: max(0, was[name] - now[name]) for name in was})
