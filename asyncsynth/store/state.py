"""What is known of an output directory: arises only by replaying the lines of its manifest and its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from asyncsynth.store.answers import AnswerFacts
from asyncsynth.store.calls import OpenCalls, RecentCalls
from asyncsynth.store.dead_letter import DeadLetter, dead_letter
from asyncsynth.store.groups import Places
from asyncsynth.store.keys import KeySet
from asyncsynth.store.ledger import Ledger, SpentSum
from asyncsynth.store.manifest import SCHEMA, CallsHead, Line, wanted_of
from asyncsynth.store.mark import Mark, mark_of
from asyncsynth.store.totals import Totals
from asyncsynth.values import Call


class State:
    """Grows by `apply` (a manifest line) and `answer` (one that no `answers` line stands for yet)."""

    def __init__(self) -> None:
        self.answered = KeySet()
        self.dead: dict[str, DeadLetter] = {}
        self.generations: dict[str, int] = {}  # of keys that were dropped; all others are 0
        self.ledger = Ledger()
        self.run = 0
        self.order = ""  # of the newest run's recipe
        self.schema: int | None = None
        self.last_facts: Mapping[str, Any] | None = None
        self.lost: list[Call] = []
        self.calls = OpenCalls()
        self.recent = RecentCalls()
        self.places = Places()
        self.cursor = ("", 0)  # (order, samples): the first so many samples of this order have ended
        self.views = Mark()  # what was noted last of the views
        self.viewed = ("", 0)  # where the cursor was then
        self.new_answers: list[tuple[int, list[str]]] = []  # place in answers.jsonl and keys from there on, since then
        self.dead_lines = 0
        self.new_dead: list[str] = []  # since then
        self.cleared: set[str] = set()  # keys of dropped answers and cleared dead letters, since then
        self._handlers: dict[str, Callable[[Line], None]] = {
            "header": self._header,
            "run": self._run,
            "run_end": self._run_end,
            "calls": self._calls,
            "fault": self._fault,
            "answers": self._answers,
            "dead": self._dead,
            "retry": self._retry,
            "drop": self._drop,
            "views": self._views,
            "cursor": self._cursor,
            "lost": self._lost,
        }

    def has(self, key: str) -> bool:
        return key in self.answered or key in self.dead

    def generation(self, key: str) -> int:
        return self.generations.get(key, 0) if self.generations else 0

    def totals(self) -> Totals:
        """Over all runs."""
        failures: dict[str, int] = {}
        for letter in self.dead.values():
            failures[letter.reason] = failures.get(letter.reason, 0) + 1
        return self.ledger.totals(failures)

    def apply(self, line: Line) -> bool:
        """Whether the line made sense; one that did not has changed nothing."""
        try:
            self._handlers[line["type"]](line)
            self.calls.apply(line)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return False
        return True

    def answer(self, facts: AnswerFacts, place: int) -> bool:
        """A line of answers.jsonl and its place; False where the key has its answer already."""
        if not self.answered.add(facts.key):
            return False
        self.ledger.of(facts.run).answered.add(facts.prompt_tokens, facts.completion_tokens, facts.cost)
        self.calls.answered(facts.key, facts.attempts)
        self.note_new(place, [facts.key])
        return True

    def answer_all(self, answers: Sequence[AnswerFacts], spent: SpentSum) -> None:
        """Answers of the present run. ValueError for a key that has one already."""
        for facts in answers:
            if not self.answered.add(facts.key):
                raise ValueError(f"{facts.key} has its answer already")
            self.calls.answered(facts.key, facts.attempts)
        self.ledger.current.answered.add_sum(spent)

    def begin_calls(self, calls: Sequence[Call]) -> None:
        """Those of the present run, as their line in the manifest tells; its limits know by themselves when it sent."""
        self.calls.begin(calls)
        self.ledger.current.calls += len(calls)

    def count_calls(self, head: CallsHead) -> None:
        """A `calls` line of which only the head was read; `calls` and `recent` learn nothing of it."""
        self.ledger.current.calls += head.calls

    def note_new(self, place: int, keys: list[str]) -> None:
        """Answers that the views lack, as far as they are noted; where nothing is, they are made anew in any case."""
        if self.views.recipe and place >= self.views.answers:
            self.new_answers.append((place, keys))

    def _header(self, line: Line) -> None:
        schema = int(line["schema"])
        if schema < 1 or self.schema is not None:
            raise ValueError("one header, schema 1 or later")
        self.schema = schema

    def _run(self, line: Line) -> None:
        number, at, facts, recipe, order = (
            int(line["id"]),
            float(line["at"]),
            line["facts"],
            line["recipe"],
            line["order"],
        )
        self.run, self.last_facts, self.order = number, facts, str(order)
        self.ledger.begin(number, at, str(recipe), wanted_of(line))

    def _run_end(self, line: Line) -> None:
        self.ledger.of(int(line["id"])).ended = str(line["how"])

    def _calls(self, line: Line) -> None:
        self.recent.add(line["calls"])
        self.ledger.current.calls += int(line["count"])

    def _fault(self, line: Line) -> None:
        cost = line["cost"]
        self.ledger.current.fault(
            line["billed"], line["reason"], None if cost is None else int(cost), int(line["prompt_tokens"]),
            int(line["completion_tokens"]),
        )  # fmt: skip

    def _answers(self, line: Line) -> None:
        keys: list[str] = line["keys"]
        raw = bytes.fromhex("".join(keys))
        if len(raw) != 16 * len(keys):
            raise ValueError("a key is 16 bytes")
        ledger = self.ledger.of(int(line["run"]))
        self.places.add(line["offset"], line["length"], line["checksum"])
        ledger.answered.add_sums(line, len(keys))
        self.answered.add_new(raw)
        self.note_new(line["offset"], keys)

    def _dead(self, line: Line) -> None:
        letter = dead_letter(line, self.order)
        self.dead[letter.key] = letter
        self.dead_lines += 1
        self.new_dead.append(letter.key)
        failures = self.ledger.current.failures
        failures[letter.reason] = failures.get(letter.reason, 0) + 1

    def _retry(self, line: Line) -> None:
        keys = tuple(line["keys"])
        for key in keys:
            self.dead.pop(key, None)
        self.cleared.update(keys)
        self._void_cursor()

    def _drop(self, line: Line) -> None:
        keys: list[str] = line["keys"]
        there = sum(map(self.answered.discard, keys))
        self.ledger.drop(int(line["run"]), line, there)
        for key in keys:
            self.generations[key] = self.generations.get(key, 0) + 1
        self.cleared.update(keys)
        self._void_cursor()

    def _views(self, line: Line) -> None:
        self.views = mark_of(line)
        self.viewed = self.cursor
        self.new_answers = [new for new in self.new_answers if new[0] >= self.views.answers]
        since = self.dead_lines - self.views.dead
        self.new_dead = self.new_dead[-since:] if since > 0 else []
        self.cleared = set()

    def _cursor(self, line: Line) -> None:
        self.cursor = str(line["order"]), int(line["samples"])

    def _void_cursor(self) -> None:
        self.cursor = self.viewed = ("", 0)

    def _lost(self, line: Line) -> None:
        for call in [Call(*call) for call in line["calls"]]:
            self.ledger.current.lost.add(0, 0, call.reserve)
            self.lost.append(call)


def newer_schema(state: State) -> bool:
    """Whether a later version of asyncsynth wrote this manifest."""
    return state.schema is not None and state.schema > SCHEMA
