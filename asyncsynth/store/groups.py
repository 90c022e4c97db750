"""Groups of answers with their place and checksum: what lets an open trust answers.jsonl without parsing it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

from asyncsynth.store.answers import AnswerFacts
from asyncsynth.store.files import Files
from asyncsynth.store.ledger import SpentSum
from asyncsynth.store.manifest import Line
from asyncsynth.store.scan import ReadAhead

GROUP = 64  # answers: what a power cut may cost
_FOR_TWO_THREADS = 2048  # groups
_PIECE = 1 << 18  # bytes that are read at a time; groups may be small


class Group:
    """Consecutive answers of one run, from `offset` of answers.jsonl on."""

    __slots__ = ("checksum", "keys", "length", "offset", "run", "tally")

    def __init__(self, run: int, offset: int) -> None:
        self.run, self.offset, self.length, self.checksum = run, offset, 0, 0
        self.keys: list[str] = []
        self.tally = SpentSum()

    def add(self, lines: bytes, facts: Sequence[AnswerFacts], spent: SpentSum) -> None:
        """Whole lines, their facts, and what they cost together."""
        self.keys += [each.key for each in facts]
        self.length += len(lines)
        self.checksum = crc32(lines, self.checksum)
        self.tally.add_sum(spent)

    def line(self) -> Line:
        """The manifest's line of this group."""
        place = {"run": self.run, "offset": self.offset, "length": self.length, "checksum": self.checksum}
        return {"type": "answers", **place, **self.tally.sums(), "keys": self.keys}


class Grouping:
    """Cuts a stream of answers into groups: a new one for each run and each GROUP answers."""

    def __init__(self, offset: int = 0) -> None:
        self._group = Group(0, offset)

    def add(self, line: bytes, facts: AnswerFacts) -> Group | None:
        """Takes one answer; returns the group that it closed, if any."""
        full = self._group.run != facts.run or len(self._group.keys) >= GROUP
        closed = self.begin_anew() if full else None
        self._group.run = facts.run
        self._group.add(line, (facts,), SpentSum.of((facts,)))
        return closed

    def begin_anew(self) -> Group | None:
        """Closes the group and returns it where there is anything in it."""
        closed = self._group
        if not closed.keys:
            return None
        self._group = Group(closed.run, closed.offset + closed.length)
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


def changed_group(files: Files, fd: int, places: Places) -> int | None:
    """The number of the first group that answers.jsonl does not hold as it was noted; many are read by two threads."""
    count = len(places)
    if count < _FOR_TWO_THREADS:
        return _first_changed(files, fd, places, 0, count)
    with ThreadPoolExecutor(1) as other:
        rest = other.submit(_first_changed, files, fd, places, count // 2, count)
        changed = _first_changed(files, fd, places, 0, count // 2)
        return rest.result() if changed is None else changed


def lacks_newline(files: Files, fd: int, places: Places, number: int) -> bool:
    """Whether this group lacks the newline at its end, where the file ends, and nothing else."""
    offset, length, checksum = places[number]
    group = files.read(fd, length, offset)
    return number == len(places) - 1 and len(group) == length - 1 and crc32(b"\n", crc32(group)) == checksum


def _first_changed(files: Files, fd: int, places: Places, first: int, last: int) -> int | None:
    end = begin = places.end(first)
    piece = memoryview(b"")  # of the file, from `begin` on
    ahead = ReadAhead(files, fd, begin)
    for number in range(first, last):
        offset, length, checksum = places[number]
        if offset != end:
            return number
        end = offset + length
        if end > begin + len(piece):
            ahead.at(offset)
            begin, piece = offset, memoryview(files.read(fd, max(length, _PIECE), offset))
        group = piece[offset - begin : end - begin]
        if len(group) != length or crc32(group) != checksum:
            return number
    return None
