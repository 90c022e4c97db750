"""Groups of records with their place and checksum: what lets an open trust records.jsonl without parsing it."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from asyncsynth.store.files import Files
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.manifest import Line
from asyncsynth.store.records import RecordFacts

GROUP = 64  # records: what a power cut may cost


class Group:
    """Consecutive records of one run, from `offset` of records.jsonl on."""

    __slots__ = ("checksum", "keys", "length", "offset", "run", "tally")

    def __init__(self, run: int, offset: int) -> None:
        self.run, self.offset, self.length, self.checksum = run, offset, 0, 0
        self.keys: list[str] = []
        self.tally = SpentSum()

    def add(self, line: bytes, facts: RecordFacts) -> None:
        """`line` has its newline."""
        self.keys.append(facts.key)
        self.length += len(line)
        self.checksum = crc32(line, self.checksum)
        self.tally.add(facts.prompt_tokens, facts.completion_tokens, facts.cost)

    def line(self) -> Line:
        """The manifest's line of this group."""
        place = {"run": self.run, "offset": self.offset, "length": self.length, "checksum": self.checksum}
        return {"type": "records", **place, **self.tally.sums(), "keys": self.keys}


class Grouping:
    """Cuts a stream of records into groups: a new one for each run and each GROUP records."""

    def __init__(self, offset: int = 0) -> None:
        self.group = Group(0, offset)

    def add(self, line: bytes, facts: RecordFacts) -> Group | None:
        """Takes one record; returns the group that it closed, if any."""
        group, closed = self.group, None
        if group.keys and (group.run != facts.run or len(group.keys) >= GROUP):
            closed, group = group, Group(facts.run, group.offset + group.length)
            self.group = group
        group.run = facts.run
        group.add(line, facts)
        return closed


def index_holds(files: Files, fd: int, places: Sequence[tuple[int, int, int]]) -> bool:
    """Whether records.jsonl begins with exactly these (offset, length, checksum) without gaps."""
    end = 0
    for offset, length, checksum in places:
        data = files.read(fd, length, offset)
        if offset != end or len(data) != length or crc32(data) != checksum:
            return False
        end = offset + length
    return True
