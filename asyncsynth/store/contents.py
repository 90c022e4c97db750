"""What can be asked of an output directory, whoever works on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from asyncsynth.store.encoding import decode
from asyncsynth.store.files import READ, Files, doing
from asyncsynth.store.journal import read_lines
from asyncsynth.store.keys import KeySet
from asyncsynth.store.ledger import Run, Totals
from asyncsynth.store.state import DeadLetter, State
from asyncsynth.store.views import RECORDS, Mark
from asyncsynth.values import Call

ANSWERS, MANIFEST = "answers.jsonl", "manifest.jsonl"
RAW, LOCK = "raw.jsonl", "lock"


class Contents:
    """Queries; `recovered` tells people what was repaired, `newly_lost` which calls the last kill cost."""

    def __init__(self, directory: Path, files: Files, state: State) -> None:
        self.directory = directory
        self.recovered: tuple[str, ...] = ()
        self.newly_lost: tuple[Call, ...] = ()
        self._files = files
        self._state = state

    def has(self, key: str) -> bool:
        """Whether the sample has its end: an answer or a dead letter."""
        return self._state.has(key)

    def generation(self, key: str) -> int:
        """How often the answer of this key was dropped."""
        return self._state.generation(key)

    def ended(self, order: str) -> int:
        """How many samples, from the first one of this order of a recipe on, are known to have their end."""
        of, samples = self._state.cursor
        return samples if of == order else 0

    @property
    def answered(self) -> KeySet:
        """Keys that have their answer."""
        return self._state.answered

    @property
    def dead(self) -> Mapping[str, DeadLetter]:
        return self._state.dead

    @property
    def views(self) -> Mark:
        """What was noted last of the views."""
        return self._state.views

    @property
    def new_answers(self) -> list[str]:
        """Keys whose answers came after that."""
        return [key for _, keys in self._state.new_answers for key in keys]

    @property
    def new_dead(self) -> Sequence[str]:
        """Keys that were given up after that."""
        return self._state.new_dead

    @property
    def cleared(self) -> frozenset[str]:
        """Keys that were dropped or cleared after that."""
        return frozenset(self._state.cleared)

    @property
    def totals(self) -> Totals:
        """Over all runs; computed anew on each call."""
        return self._state.totals()

    @property
    def runs(self) -> tuple[Run, ...]:
        """Each run's ledger, oldest first; run 0 stands for what no run line is known for."""
        return self._state.ledger.frozen_runs()

    @property
    def lost(self) -> tuple[Call, ...]:
        """Every call that a kill ever cut off."""
        return tuple(self._state.lost)

    @property
    def last_facts(self) -> Mapping[str, Any] | None:
        """What the newest run was begun with; None before the first."""
        return self._state.last_facts

    def recent_calls(self, since: float) -> list[tuple[float, int]]:
        """(sent_at, tokens) of the calls sent at `since` or later, oldest first; at most the last 75 s are known."""
        return self._state.recent.since(since)

    def records(self) -> Iterator[dict[str, Any]]:
        """The records that are there now, one at a time; what a run is still writing is left out."""
        path = self.directory / RECORDS
        try:
            fd = self._files.open(path, READ)
        except FileNotFoundError:
            return
        try:
            for _, line in read_lines(self._files, fd):
                record = decode(line)
                if record is not None:
                    yield record
        finally:
            with doing("close", path):
                self._files.close(fd)
