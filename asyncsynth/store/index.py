"""Groups of records with their place and checksum: what lets an open trust records.jsonl without parsing it."""

from __future__ import annotations

from array import array
from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

from asyncsynth.store.files import Files
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.manifest import Line
from asyncsynth.store.records import RecordFacts

GROUP = 64  # records: what a power cut may cost
_FOR_TWO_THREADS = 2048  # groups
_PIECE = 1 << 18  # bytes that are read at a time; groups may be small


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


class Places:
    """Where the groups are that the manifest noted: (offset, length, checksum) in 24 bytes each."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers = array("Q")

    def __len__(self) -> int:
        return len(self._numbers) // 3

    def add(self, offset: int, length: int, checksum: int) -> None:
        """Raises TypeError or OverflowError for what can't be one; then nothing has changed."""
        self._numbers.fromlist([offset, length, checksum])

    def __getitem__(self, number: int) -> tuple[int, int, int]:
        offset, length, checksum = self._numbers[3 * number : 3 * number + 3]
        return offset, length, checksum

    def end(self, number: int) -> int:
        """Where the group before this one ends."""
        return sum(self[number - 1][:2]) if number else 0


def index_holds(files: Files, fd: int, places: Places) -> bool:
    """Whether records.jsonl begins with exactly these groups without gaps; many are read by two threads."""
    count = len(places)
    if count < _FOR_TWO_THREADS:
        return _holds(files, fd, places, 0, count)
    with ThreadPoolExecutor(1) as other:
        rest = other.submit(_holds, files, fd, places, count // 2, count)
        return _holds(files, fd, places, 0, count // 2) and rest.result()


def _holds(files: Files, fd: int, places: Places, first: int, last: int) -> bool:
    end = begin = places.end(first)
    piece = memoryview(b"")  # of the file, from `begin` on
    for number in range(first, last):
        offset, length, checksum = places[number]
        if offset != end:
            return False
        end = offset + length
        if end > begin + len(piece):
            begin, piece = offset, memoryview(files.read(fd, max(length, _PIECE), offset))
        group = piece[offset - begin : end - begin]
        if len(group) != length or crc32(group) != checksum:
            return False
    return True
