"""The books as the files tell them, read without asyncsynth's own reader: one entry for each call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal
from zlib import crc32

import orjson

from asyncsynth.costs import PICODOLLARS_PER_USD
from tests.simulation.disk import Disk
from tests.simulation.wish import DIRECTORY
from tests.simulation.world import promise

Became = Literal["answered", "dropped", "rejected", "maybe", "lost", "not_billed", "open"]
CallId = tuple[int, str, int]  # run, key, attempt
Line = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """What became of a call; `cost` None: unknown."""

    became: Became
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: int | None = 0
    estimated: bool = False


@dataclass(slots=True, eq=False)
class Books:
    """`answers` are those that count, by key; `dead` the dead letters that nobody cleared; `ever` all answered keys.

    `texts` are all answers; `drops` counts how often each key's answer was dropped.
    """

    entries: dict[CallId, Entry] = field(default_factory=dict)
    answers: dict[str, Line] = field(default_factory=dict)
    dead: dict[str, Line] = field(default_factory=dict)
    ever: set[str] = field(default_factory=set)
    texts: list[Line] = field(default_factory=list)
    drops: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    last_facts: Mapping[str, Any] | None = None  # of the recipe of the newest run

    def of(self, *became: Became) -> list[Entry]:
        return [entry for entry in self.entries.values() if entry.became in became]


def read_books(disk: Disk) -> Books:
    """Raises BrokenPromise for a line that can't be read, and for a key that has two answers. Nobody changes them."""
    return _books_of(disk.read(DIRECTORY / "manifest.jsonl"), disk.read(DIRECTORY / "answers.jsonl"))


@lru_cache(2)
def _books_of(written: bytes, answers: bytes) -> Books:
    books = Books()
    manifest = _manifest_lines(written)
    _check_groups(answers, manifest)
    drops = Counter(key for line in manifest if line["type"] == "drop" for key in line["keys"])
    books.drops = drops
    for line in _lines("answers.jsonl", answers):
        counts = line["generation"] == drops[line["key"]]
        promise(not counts or line["key"] not in books.answers, "3: no answer appears twice", line["key"])
        books.ever.add(line["key"])
        books.texts.append(line)
        if counts:
            books.answers[line["key"]] = line
        books.entries[line["run"], line["key"], line["attempts"]] = _answered("answered" if counts else "dropped", line)
    run = 0
    for line in manifest:
        if line["type"] == "run":
            run, books.last_facts = line["id"], line["facts"]
        else:
            _note(books, run, line)
    return books


def _note(books: Books, run: int, line: Line) -> None:
    entries = books.entries
    match line["type"]:
        case "calls":
            for key, _, attempt, _, _, reserve, *_ in line["calls"]:
                entries.setdefault((run, key, attempt), Entry("open", cost=reserve))
        case "fault":
            became: dict[str, Became] = {"yes": "rejected", "maybe": "maybe", "no": "not_billed"}
            books.faults[line["reason"]] += 1
            entries[run, line["key"], line["attempt"]] = Entry(
                became[line["billed"]], line["prompt_tokens"], line["completion_tokens"], line["cost"]
            )
        case "lost":
            for key, _, attempt, _, _, reserve, *_ in line["calls"]:
                entry = entries.get((run, key, attempt))
                promise(entry is None or entry.became == "open", "10: what is lost has no other end", line)
                entries[run, key, attempt] = Entry("lost", cost=reserve)
        case "dead":
            books.dead[line["key"]] = line
        case "retry":
            for key in line["keys"]:
                books.dead.pop(key, None)


def _answered(became: Became, line: Line) -> Entry:
    usage, cost = line["usage"], line["cost_usd"]
    return Entry(
        became,
        usage["prompt_tokens"],
        usage["completion_tokens"],
        None if cost is None else round(cost * PICODOLLARS_PER_USD),
        usage.get("source") == "estimate",
    )


def _check_groups(data: bytes, manifest: list[Line]) -> None:
    """What the manifest says of answers.jsonl is there, and nothing is left out in between."""
    end = 0
    for group in (line for line in manifest if line["type"] == "answers"):
        promise(group["offset"] == end, "2: groups of answers follow each other", group)
        end += group["length"]
        noted = data[group["offset"] : end]
        promise(crc32(noted) == group["checksum"], "2: the manifest never knows more than the answers", group)
        keys = [orjson.loads(line)["key"] for line in noted.splitlines()]
        promise(keys == group["keys"], "2: a group is of its answers", group)


def manifest_lines(disk: Disk) -> list[Line]:
    """Each with its checksum, which is right."""
    return _manifest_lines(disk.read(DIRECTORY / "manifest.jsonl"))


def _manifest_lines(data: bytes) -> list[Line]:
    for line in data.splitlines():
        body, _, check = line.rpartition(b',"crc":"')
        promise(check == b'%08x"}' % crc32(body), "3: a line of the manifest is as it was written", line)
    return _lines("manifest.jsonl", data)


def lines_of(disk: Disk, name: str) -> list[Line]:
    """The objects of a file; BrokenPromise where its end is torn or a line can't be read."""
    return _lines(name, disk.read(DIRECTORY / name))


def _lines(name: str, data: bytes) -> list[Line]:
    promise(not data or data.endswith(b"\n"), "4: a file ends with a whole line", name)
    try:
        return [orjson.loads(line) for line in data.split(b"\n")[:-1]]
    except ValueError as error:
        promise(False, f"4: every line of {name} parses", error)
        raise
