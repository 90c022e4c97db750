"""The books as the files tell them, read without asyncsynth's own reader: one entry for each call."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from asyncsynth.values import PICODOLLARS_PER_USD
from tests.simulation.disk import Disk
from tests.simulation.world import DIRECTORY, promise

Became = Literal["recorded", "removed", "rejected", "maybe", "lost", "not_billed", "open"]
CallId = tuple[int, str, int]  # run, key, attempt


@dataclass(slots=True)
class Entry:
    """What became of a call; `cost` None: unknown."""

    became: Became
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: int | None = 0
    estimated: bool = False


@dataclass(slots=True)
class Books:
    """`recorded` keys have a line in records.jsonl, `dead` ones a dead letter that nobody cleared: key -> reason."""

    entries: dict[CallId, Entry] = field(default_factory=dict)
    recorded: set[str] = field(default_factory=set)
    dead: dict[str, str] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)

    def of(self, *became: Became) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.became in became]


def read_books(disk: Disk) -> Books:
    """Raises BrokenPromise for a line that can't be read, and for a key that is there twice."""
    books = Books()
    for line in _lines(disk, "records.jsonl"):
        promise(line["key"] not in books.recorded, "3: no sample is there twice", line["key"])
        books.recorded.add(line["key"])
        books.entries[line["run"], line["key"], line["attempts"]] = _recorded("recorded", line)
    run = 0
    for line in _lines(disk, "manifest.jsonl"):
        if line["type"] == "run":
            run = line["id"]
        else:
            _note(books, run, line)
    return books


def _note(books: Books, run: int, line: dict[str, Any]) -> None:
    entries = books.entries
    match line["type"]:
        case "call":
            entries.setdefault((run, line["key"], line["attempt"]), Entry("open", cost=line["reserved"]))
        case "fault":
            became: dict[str, Became] = {"yes": "rejected", "maybe": "maybe", "no": "not_billed"}
            books.faults[line["reason"]] += 1
            entries[run, line["key"], line["attempt"]] = Entry(
                became[line["billed"]], line["prompt_tokens"], line["completion_tokens"], line["cost"]
            )
        case "lost":
            entry = entries.get((run, line["key"], line["attempt"]))
            promise(entry is None or entry.became == "open", "10: what is lost has no other end", line)
            entries[run, line["key"], line["attempt"]] = Entry("lost", cost=line["reserved"])
        case "dead":
            books.dead[line["key"]] = line["reason"]
        case "retry":
            for key in line["keys"]:
                books.dead.pop(key, None)
        case "drop":
            record = line["record"]
            entries[record["run"], record["key"], record["attempts"]] = _recorded("removed", record)


def _recorded(became: Became, record: dict[str, Any]) -> Entry:
    usage, cost = record["usage"], record["cost_usd"]
    return Entry(
        became,
        usage["prompt_tokens"],
        usage["completion_tokens"],
        None if cost is None else round(cost * PICODOLLARS_PER_USD),
        usage.get("source") == "estimate",
    )


def _lines(disk: Disk, name: str) -> list[dict[str, Any]]:
    data = disk.read(DIRECTORY / name)
    promise(not data or data.endswith(b"\n"), "4: a file ends with a whole line", name)
    try:
        return [orjson.loads(line) for line in data.splitlines()]
    except ValueError as error:
        promise(False, f"4: every line of {name} parses", error)
        raise
