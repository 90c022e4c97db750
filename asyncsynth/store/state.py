"""What is known of an output directory: arises only by replaying the lines of its manifest and its answers."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asyncsynth.store.answers import AnswerFacts
from asyncsynth.store.groups import Places
from asyncsynth.store.keys import KeySet
from asyncsynth.store.ledger import Ledger, Totals
from asyncsynth.store.manifest import SCHEMA, Line
from asyncsynth.store.views import Mark, mark_of
from asyncsynth.values import Call, Value

RECENT_S = 75.0  # how far back recent calls are remembered; the longest window of a limit is 60 s


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A sample that was given up on."""

    key: str
    generation: int
    combination: Mapping[str, Value]
    repeat: int
    reason: str
    message: str
    attempts: int
    status: int | None
    created: str
    order: str  # of the recipe that gave it up


class RecentCalls:
    """Send times and tokens of the newest calls, 16 bytes each."""

    _FEW = 4096

    def __init__(self, since: float) -> None:
        self._since = since
        self._sent_at, self._tokens = array("d"), array("q")
        self._prune_at = self._FEW

    def add(self, calls: Sequence[Call]) -> None:
        """In the order in which they were sent, roughly."""
        if calls[-1].sent_at < self._since:
            return
        self._sent_at.extend([call.sent_at for call in calls])
        self._tokens.extend([call.tokens for call in calls])
        if len(self._tokens) > self._prune_at:
            old = bisect_left(self._sent_at, self._sent_at[-1] - RECENT_S)
            del self._sent_at[:old], self._tokens[:old]
            self._prune_at = 2 * len(self._tokens) + self._FEW

    def since(self, at: float) -> list[tuple[float, int]]:
        pairs = zip(self._sent_at, self._tokens, strict=True)
        return sorted(pair for pair in pairs if pair[0] >= at)


class State:
    """Grows by `apply` (a manifest line) and `answer` (one that no `answers` line stands for yet)."""

    def __init__(self, calls_since: float = -math.inf) -> None:
        self.answered = KeySet()
        self.dead: dict[str, DeadLetter] = {}
        self.generations: dict[str, int] = {}  # of keys that were dropped; all others are 0
        self.ledger = Ledger()
        self.run = 0
        self.order = ""  # of the newest run's recipe
        self.schema: int | None = None
        self.last_facts: Mapping[str, Any] | None = None
        self.lost: list[Call] = []
        self.recent = RecentCalls(calls_since)
        self.places = Places()
        self.cursor = ("", 0)  # (order, samples): the first so many samples of this order have ended
        self.views = Mark()  # what was noted last of the views
        self.new_answers: list[tuple[int, list[str]]] = []  # place in answers.jsonl and keys from there on, since then
        self.dead_lines = 0
        self.new_dead: list[str] = []  # since then
        self.cleared: set[str] = set()  # keys of dropped answers and cleared dead letters, since then
        self._open: dict[str, list[Call]] = {}
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

    def open_calls(self) -> list[Call]:
        """Calls that have no end yet, oldest first: under way, or cut off by a kill."""
        return sorted((call for calls in self._open.values() for call in calls), key=lambda call: call.sent_at)

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
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return False
        return True

    def answer(self, facts: AnswerFacts) -> bool:
        """A line of answers.jsonl; False where the key has its answer already."""
        if not self.answered.add(facts.key):
            return False
        self.ledger.of(facts.run).answered.add(facts.prompt_tokens, facts.completion_tokens, facts.cost)
        calls = self._open.pop(facts.key, None)
        # Attempts before the answer's: a power cut took their ends, which were in the other file.
        if calls is not None and (before := [call for call in calls if call.attempt < facts.attempts]):
            self._open[facts.key] = before
        return True

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
        self.ledger.begin(number, at, str(recipe))

    def _run_end(self, line: Line) -> None:
        self.ledger.of(int(line["id"])).ended = str(line["how"])

    def _calls(self, line: Line) -> None:
        calls = [Call(*call) for call in line["calls"]]
        under_way = self._open
        for call in calls:
            known = under_way.get(call.key)
            if known is None:
                under_way[call.key] = [call]
            else:
                known.append(call)
        self.ledger.current.calls += len(calls)
        self.recent.add(calls)

    def _fault(self, line: Line) -> None:
        key, cost = line["key"], line["cost"]
        attempt = int(line["attempt"])
        self.ledger.current.fault(
            line["billed"], line["reason"], None if cost is None else int(cost), int(line["prompt_tokens"]),
            int(line["completion_tokens"]),
        )  # fmt: skip
        self._close_call(key, attempt)

    def _close_call(self, key: str, attempt: int) -> None:
        calls = self._open.get(key)
        if calls is None:
            return
        if len(calls) > 1:
            calls.remove(next((call for call in calls if call.attempt == attempt), calls[0]))
        else:
            del self._open[key]

    def _answers(self, line: Line) -> None:
        keys: list[str] = line["keys"]
        raw = bytes.fromhex("".join(keys))
        if len(raw) != 16 * len(keys):
            raise ValueError("a key is 16 bytes")
        ledger = self.ledger.of(int(line["run"]))
        self.places.add(line["offset"], line["length"], line["checksum"])
        ledger.answered.add_sums(line, len(keys))
        self.answered.add_new(raw)
        self.new_answers.append((int(line["offset"]), keys))
        if self._open:
            for key in keys:
                self._open.pop(key, None)

    def _dead(self, line: Line) -> None:
        letter = dead_letter(line, self.order)
        self.dead[letter.key] = letter
        self.dead_lines += 1
        self.new_dead.append(letter.key)
        failures = self.ledger.current.failures
        failures[letter.reason] = failures.get(letter.reason, 0) + 1
        self._open.pop(letter.key, None)

    def _retry(self, line: Line) -> None:
        keys = tuple(line["keys"])
        for key in keys:
            self.dead.pop(key, None)
        self.cleared.update(keys)
        self._void_cursor()

    def _drop(self, line: Line) -> None:
        keys: list[str] = line["keys"]
        self.ledger.drop(int(line["run"]), line, len(keys))
        for key in keys:
            self.answered.discard(key)
            self.generations[key] = self.generations.get(key, 0) + 1
            self._open.pop(key, None)
        self.cleared.update(keys)
        self._void_cursor()

    def _views(self, line: Line) -> None:
        self.views = mark_of(line)
        self.new_answers = [new for new in self.new_answers if new[0] >= self.views.answers]
        self.cleared = set()
        self.new_dead = self.new_dead[len(self.new_dead) - (self.dead_lines - self.views.dead) :]

    def _cursor(self, line: Line) -> None:
        self.cursor = str(line["order"]), int(line["samples"])

    def _void_cursor(self) -> None:
        self.cursor = ("", 0)

    def _lost(self, line: Line) -> None:
        for call in [Call(*call) for call in line["calls"]]:
            self.ledger.current.lost.add(0, 0, call.reserve)
            self.lost.append(call)
            self._close_call(call.key, call.attempt)


def dead_letter(line: Line, order: str) -> DeadLetter:
    """The dead letter of a `dead` line, in a run of this order."""
    return DeadLetter(
        str(line["key"]),
        int(line["generation"]),
        dict(line["combination"]),
        int(line["repeat"]),
        str(line["reason"]),
        str(line["message"]),
        int(line["attempts"]),
        line["status"],
        str(line["created"]),
        order,
    )


def newer_schema(state: State) -> bool:
    """Whether a later version of asyncsynth wrote this manifest."""
    return state.schema is not None and state.schema > SCHEMA
