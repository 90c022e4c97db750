"""What can be asked of an output directory, whoever works on it."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from asyncsynth.store.answers import KEY_IN_LINE, StoredAnswer, answer_of, facts_of, parts_of
from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.encoding import decode
from asyncsynth.store.files import READ, Files, doing
from asyncsynth.store.keys import KeySet
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.lookup import Lookup
from asyncsynth.store.mark import Extent, Mark
from asyncsynth.store.scan import Source, last_line_end, last_lines, read_lines, read_pieces
from asyncsynth.store.state import State
from asyncsynth.store.totals import Run, Spent, Totals
from asyncsynth.store.views import FAILURES, RECORDS, UNRENDERED
from asyncsynth.values import Call

ANSWERS, MANIFEST = "answers.jsonl", "manifest.jsonl"
RAW = "raw.jsonl"
_NEWEST = 512  # answers that tell how long further ones will be


class Contents(ABC):
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

    @property
    def has_dropped(self) -> bool:
        """Whether any answer was ever dropped."""
        return bool(self._state.generations)

    def ended(self, order: str) -> int:
        """How many samples, from the first one of this order of a recipe on, are known to have their end."""
        of, samples = self._state.cursor
        return samples if of == order else 0

    def viewed(self, order: str) -> int:
        """The same, as it was when the views were noted last: what came after is behind these samples."""
        of, samples = self._state.viewed
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
        """Keys whose answers came after that, and count."""
        answered = self.answered
        return [key for _, keys in self._state.new_answers for key in keys if key in answered]

    @property
    def new_dead(self) -> Sequence[str]:
        """Keys that were given up after that; some may be cleared since."""
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

    @abstractmethod
    def open_answers(
        self, *, shared: bool, newest_first: bool = False
    ) -> AbstractContextManager[Callable[[], Lookup] | None]:
        """What looks up the answers that count, each time from the beginning; None where there are none.

        `shared` as in Lookup; `newest_first`: of shared ones most will be among the newest.
        """

    def rejections(self) -> Iterator[tuple[str, str]]:
        """(key, gate) of every sample that the views have as given up because gates rejected its answers.

        Raises StoreWriteFailed where the file can't be read.
        """
        if "steps" not in (self.last_facts or {}):
            return
        with self._reading(FAILURES) as source:
            for _, line in () if source is None else read_lines(self._files, source.fd):
                found = decode(line) or {}
                if found.get("reason") != UNRENDERED and found.get("key") not in self.dead:
                    yield str(found.get("key")), str(found.get("reason"))

    def answers_in_order(self, steps: Collection[str]) -> Iterator[tuple[str, StoredAnswer]]:
        """Every answer of these steps that counts, with its step, in the order in which they were kept.

        Raises StoreWriteFailed where the file can't be read.
        """
        with self._reading(ANSWERS) as source:
            for _, line in () if source is None else read_lines(self._files, source.fd):
                found = decode(line)
                if found is None or found.get("step") not in steps or found["key"] not in self.answered:
                    continue
                parts = parts_of(line)
                if parts is not None and found["generation"] == self.generation(found["key"]):
                    yield found["step"], answer_of(found["key"], parts)

    def spent_by_step(self) -> dict[str, Spent]:
        """What the answers that count cost, by the step that they were asked for; empty where there is but one step.

        Reads answers.jsonl once: about 1 s for 100,000. Raises StoreWriteFailed where that can't be done.
        """
        sums = dict[str, SpentSum]()
        if len((self.last_facts or {}).get("steps", ())) < 2:
            return {}
        with self._reading(ANSWERS) as source:
            for _, line in () if source is None else read_lines(self._files, source.fd):
                found = decode(line)
                facts = None if found is None else facts_of(found)
                if found is None or facts is None or facts.key not in self.answered:
                    continue
                if facts.generation == self.generation(facts.key):
                    step = sums.setdefault(str(found.get("step")), SpentSum())
                    step.add(facts.prompt_tokens, facts.completion_tokens, facts.cost)
        return {name: spent.freeze() for name, spent in sums.items()}

    def usual_completions(self) -> dict[str, float]:
        """Tokens of an answer in the mean, by the step that asked for it: of the newest answers that count.

        Raises StoreWriteFailed where the file can't be read.
        """
        sums = dict[str, SpentSum]()
        with self._reading(ANSWERS) as source:
            end = 0 if source is None else last_line_end(self._files, source.fd)
            newest = [] if source is None else last_lines(self._files, source.fd, end, _NEWEST)
        for line in newest:
            found = decode(line)
            facts = None if found is None else facts_of(found)
            if found is not None and facts is not None and facts.key in self.answered:
                step = sums.setdefault(str(found["step"]), SpentSum())
                step.add(facts.prompt_tokens, facts.completion_tokens, facts.cost)
        return {step: spent.completion_tokens / spent.calls for step, spent in sums.items()}

    def records(self) -> Iterator[dict[str, Any]]:
        """The records that are there now, one at a time; what a run is still writing is left out.

        Raises StoreWriteFailed where the file can't be read.
        """
        with self._reading(RECORDS) as source:
            for _, line in () if source is None else read_lines(self._files, source.fd):
                record = decode(line)
                if record is not None and isinstance(record.get("combination"), dict) and "key" in record:
                    yield record

    def keys_in_views(self) -> Iterator[str]:
        """The keys of all lines that the views have now. Raises StoreWriteFailed where they can't be read."""
        for name in (RECORDS, FAILURES):
            with self._reading(name) as source:
                for _, lines in () if source is None else read_pieces(self._files, source.fd):
                    yield from (line[KEY_IN_LINE].decode("ascii", "replace") for line in lines)

    def lines_of_views(self) -> tuple[int, int]:
        """How many lines records.jsonl and failures.jsonl have now; reads only what came after they were noted."""
        return self._lines(RECORDS, self.views.records), self._lines(FAILURES, self.views.failures)

    def _lines(self, name: str, noted: Extent) -> int:
        with self._reading(name) as source:
            if source is None:
                return 0
            known = noted if self._files.size(source.fd) >= noted.size else Extent()
            return known.lines + sum(len(lines) for _, lines in read_pieces(self._files, source.fd, known.size))

    @contextlib.contextmanager
    def _reading(self, name: str) -> Iterator[Source | None]:
        """The open file, None where there is none. Raises StoreWriteFailed where it can't be read."""
        path = self.directory / name
        with contextlib.ExitStack() as stack:
            source = open_source(stack, self._files, path)
            stack.enter_context(doing("read", path))
            yield source


def open_source(stack: contextlib.ExitStack, files: Files, path: Path) -> Source | None:
    """A file of the directory, closed with the stack; None where it is not there."""
    with doing("read", path):
        try:
            fd = files.open(path, READ)
        except FileNotFoundError:
            return None
    stack.callback(_close, files, fd)
    return Source(path, fd)


def _close(files: Files, fd: int) -> None:
    with contextlib.suppress(OSError):  # nothing was written
        files.close(fd)
