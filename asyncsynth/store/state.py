"""What is known of an output directory: arises only by replaying the lines of its manifest and its records."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from asyncsynth.store.index import Places
from asyncsynth.store.keys import KeySet
from asyncsynth.store.ledger import Ledger, Totals
from asyncsynth.store.manifest import SCHEMA, Line, call_of
from asyncsynth.store.records import RecordFacts, facts_of
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


class RecentCalls:
    """Send times and tokens of the newest calls, 16 bytes each."""

    _PRUNE_EVERY = 4096

    def __init__(self) -> None:
        self._sent_at, self._tokens = array("d"), array("q")

    def add(self, sent_at: float, tokens: int) -> None:
        self._sent_at.append(sent_at)
        self._tokens.append(tokens)
        if not len(self._tokens) % self._PRUNE_EVERY:
            old = bisect_left(self._sent_at, sent_at - RECENT_S)
            del self._sent_at[:old], self._tokens[:old]

    def since(self, at: float) -> list[tuple[float, int]]:
        pairs = zip(self._sent_at, self._tokens, strict=True)
        return sorted(pair for pair in pairs if pair[0] >= at)


class State:
    """Grows by `apply` (a manifest line) and `recorded` (a record that no `records` line stands for yet)."""

    def __init__(self) -> None:
        self.done = KeySet()
        self.dead: dict[str, DeadLetter] = {}
        self.generations: dict[str, int] = {}  # of keys that were dropped; all others are 0
        self.ledger = Ledger()
        self.run = 0
        self.schema: int | None = None
        self.last_facts: Mapping[str, Any] | None = None
        self.lost: list[Call] = []
        self.recent = RecentCalls()
        self.places = Places()
        self.cursor = ("", 0)  # (order, samples): the first so many samples of this order have ended
        self.half_dropped = False  # drop lines are there, records.jsonl was not rewritten since
        self._open: dict[str, list[Line]] = {}
        self._handlers: dict[str, Callable[[Line], None]] = {
            "header": self._header,
            "run": self._run,
            "run_end": self._run_end,
            "call": self._call,
            "fault": self._fault,
            "records": self._records,
            "dead": self._dead,
            "retry": self._retry,
            "drop": self._drop,
            "rewritten": self._rewritten,
            "removed": self._removed,
            "cursor": self._cursor,
            "lost": self._lost,
        }

    def has(self, key: str) -> bool:
        return key in self.done or key in self.dead

    def generation(self, key: str) -> int:
        return self.generations.get(key, 0) if self.generations else 0

    def open_calls(self) -> list[Call]:
        """Calls that have no end yet, oldest first: under way, or cut off by a kill."""
        calls = (call_of(line) for lines in self._open.values() for line in lines)
        return sorted(calls, key=lambda call: call.sent_at)

    def totals(self) -> Totals:
        runs = [each.totals() for each in self.ledger.runs.values()]
        faults: dict[str, int] = {}
        for each in runs:
            for reason, count in each.faults.items():
                faults[reason] = faults.get(reason, 0) + count
        failures: dict[str, int] = {}
        for letter in self.dead.values():
            failures[letter.reason] = failures.get(letter.reason, 0) + 1
        total = Totals(faults=faults, failures=failures)
        return Totals(
            sum(each.calls for each in runs),
            sum((each.recorded for each in runs), total.recorded),
            sum((each.rejected for each in runs), total.rejected),
            sum((each.removed for each in runs), total.removed),
            sum((each.maybe for each in runs), total.maybe),
            sum((each.lost for each in runs), total.lost),
            faults,
            failures,
        )

    def apply(self, line: Line) -> bool:
        """Whether the line made sense; one that did not has changed nothing."""
        try:
            self._handlers[line["type"]](line)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return False
        return True

    def recorded(self, facts: RecordFacts) -> bool:
        """A line of records.jsonl; False where the key is there already."""
        if not self.done.add(facts.key):
            return False
        self.ledger.of(facts.run).recorded.add(facts.prompt_tokens, facts.completion_tokens, facts.cost)
        calls = self._open.pop(facts.key, None)
        if calls is not None and (len(calls) > 1 or calls[0]["attempt"] != facts.attempts):
            self._keep_open(facts, calls)
        return True

    def _keep_open(self, facts: RecordFacts, calls: list[Line]) -> None:
        """Attempts before the record's: a power cut took their ends, which were in the other file."""
        before = [call for call in calls if call["attempt"] < facts.attempts]
        if before:
            self._open[facts.key] = before

    def forget_index(self) -> None:
        """Before records.jsonl is read anew, line by line."""
        self.done = KeySet()
        self.places = Places()
        self._void_cursor()
        self.ledger.forget_recorded()

    def _header(self, line: Line) -> None:
        schema = int(line["schema"])
        if schema < 1 or self.schema is not None:
            raise ValueError("one header, schema 1 or later")
        self.schema = schema

    def _run(self, line: Line) -> None:
        number, at, facts = int(line["id"]), float(line["at"]), line["facts"]
        fingerprint = facts.get("fingerprint")  # AttributeError where it is no object
        self.run, self.last_facts = number, facts
        self.ledger.begin(number, at, fingerprint)

    def _run_end(self, line: Line) -> None:
        self.ledger.of(int(line["id"])).ended = str(line["how"])

    def _call(self, line: Line) -> None:
        key: str = line["key"]
        self.recent.add(line["sent_at"], line["tokens"])
        self.ledger.current.calls += 1
        known = self._open.get(key)
        if known is None:
            self._open[key] = [line]
        else:
            known.append(line)

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
            calls.remove(next((call for call in calls if call["attempt"] == attempt), calls[0]))
        else:
            del self._open[key]

    def _records(self, line: Line) -> None:
        keys: list[str] = line["keys"]
        raw = bytes.fromhex("".join(keys))
        if len(raw) != 16 * len(keys):
            raise ValueError("a key is 16 bytes")
        ledger = self.ledger.of(int(line["run"]))
        self.places.add(line["offset"], line["length"], line["checksum"])
        ledger.recorded.add_sums(line, len(keys))
        self.done.add_new(raw)
        if self._open:
            for key in keys:
                self._open.pop(key, None)

    def _dead(self, line: Line) -> None:
        letter = dead_letter(line)
        self.dead[letter.key] = letter
        failures = self.ledger.current.failures
        failures[letter.reason] = failures.get(letter.reason, 0) + 1
        self._open.pop(letter.key, None)

    def _retry(self, line: Line) -> None:
        for key in tuple(line["keys"]):
            self.dead.pop(key, None)
        self._void_cursor()

    def _drop(self, line: Line) -> None:
        key, generation, facts = line["key"], int(line["generation"]), facts_of(line["record"])
        if facts is None or facts.key != key:
            raise ValueError("a drop without its record")
        if key in self.done:
            self.done.discard(key)
            self.ledger.move_to_removed(facts)
        self._void_cursor()
        self.generations[key] = generation
        self._open.pop(key, None)
        self.half_dropped = True

    def _rewritten(self, line: Line) -> None:
        del line
        self.forget_index()
        self.half_dropped = False

    def _removed(self, line: Line) -> None:
        self.ledger.of(int(line["run"])).removed.add_sums(line, int(line["records"]))
        self._void_cursor()

    def _cursor(self, line: Line) -> None:
        order, samples = str(line["order"]), int(line["samples"])
        self._void_cursor()
        if 0 <= samples <= len(self.done) + len(self.dead):  # else somebody took lines out, or samples share a key
            self.cursor = (order, samples)

    def _void_cursor(self) -> None:
        self.cursor = ("", 0)

    def _lost(self, line: Line) -> None:
        call = call_of(line)
        self.ledger.current.lost.add(0, 0, call.reserved)
        self.lost.append(call)
        self._close_call(call.key, call.attempt)


def dead_letter(line: Line) -> DeadLetter:
    """The dead letter of a `dead` line."""
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
    )


def newer_schema(state: State) -> bool:
    """Whether a later version of asyncsynth wrote this manifest."""
    return state.schema is not None and state.schema > SCHEMA
