"""Reads a file of lines in pieces, and tells how it ends: whole, without its last newline, or torn by a crash."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from asyncsynth.errors import StoreDamaged
from asyncsynth.store.files import Files

CHUNK = 1 << 20
NEWEST = 32 << 20  # bytes at the end of a file: what a run needs of earlier ones is mostly there
_AHEAD = 8 << 20  # bytes
_PIECE = 1 << 18  # bytes: fits into a processor's cache with what is made of it


class Source(Struct, frozen=True):
    """An open file of the store."""

    path: Path
    fd: int


class Format(Struct, frozen=True):
    """How the lines of a file are known: each begins with `begin`; `advice` is for a file in which one is not ours."""

    begin: bytes
    is_ours: Callable[[bytes], bool]
    advice: str


class ReadAhead:
    """Has the system read what comes next of a file, much at a time: a disk asked for small pieces is half as fast."""

    __slots__ = ("_fd", "_files", "_told")

    def __init__(self, files: Files, fd: int, start: int) -> None:
        self._files, self._fd, self._told = files, fd, start

    def at(self, place: int) -> None:
        """To be called for each piece, in their order."""
        if place + _AHEAD > self._told:
            start = max(place, self._told)
            self._files.will_read(self._fd, _AHEAD, start)
            self._told = start + _AHEAD


class Tail(Struct, frozen=True):
    """How a file ends: its lines end at `end`; what follows is torn, or a whole line whose newline is not there."""

    end: int = 0
    whole_line: bytes | None = None


def read_pieces(files: Files, fd: int, start: int = 0, end: int = sys.maxsize) -> Iterator[tuple[int, list[bytes]]]:
    """(offset, the whole lines from there on, without their newlines), about a megabyte at a time, up to `end`."""
    offset = position = start
    begun: list[bytes] = []  # pieces of a line that is longer than one of them
    while chunk := files.read(fd, min(CHUNK, end - position), position):
        position += len(chunk)
        first, *lines = chunk.split(b"\n")
        begun.append(first)
        if not lines:
            continue
        lines.insert(0, b"".join(begun))
        begun = [lines.pop()]
        yield offset, lines
        offset = position - len(begun[0])


def read_whole(files: Files, fd: int, end: int) -> Iterator[bytes]:
    """All lines before `end`, where one ends, with their newlines: many at a time."""
    position, begun = 0, b""
    while chunk := files.read(fd, min(_PIECE, end - position), position):
        position += len(chunk)
        if whole := chunk.rfind(b"\n") + 1:
            yield begun + chunk[:whole]
            begun = b""
        begun += chunk[whole:]


def read_lines(files: Files, fd: int, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """(offset, line without its newline) of every whole line from `start` on."""
    for offset, lines in read_pieces(files, fd, start):
        place = offset
        for line in lines:
            yield place, line
            place += len(line) + 1


def read_newest_pieces_first(files: Files, fd: int, end: int) -> Iterator[tuple[int, list[bytes]]]:
    """As `read_pieces` as far as `end`, where a line ends; but the last NEWEST bytes come before all else."""
    start = max(0, end - NEWEST)
    if start:
        newline = files.read(fd, CHUNK, start).find(b"\n")
        start = start + newline + 1 if newline >= 0 else 0
    yield from read_pieces(files, fd, start, end)
    yield from read_pieces(files, fd, 0, start)


def last_lines(files: Files, fd: int, end: int, number: int) -> list[bytes]:
    """The last whole lines before `end`, where a line ends; at most so many, without their newlines."""
    size = CHUNK
    while True:
        start = max(0, end - size)
        lines = [line for _, piece in read_pieces(files, fd, start, end) for line in piece]
        if start == 0:
            return lines[-number:]
        if len(lines) > number:  # the first one is the end of a line
            return lines[-number:]
        size *= 4


def scan(files: Files, source: Source, take: Callable[[list[bytes], int], int], form: Format, start: int = 0) -> Tail:
    """Gives the lines to `take(lines, offset of the first)`, which says how many are good before a bad one.

    Only what lacks its newline may be the torn end of a write. Raises StoreDamaged for whatever else is not ours.
    """
    end = start
    _check_beginning(files, source, end, form)
    for offset, lines in read_pieces(files, source.fd, start):
        good = take(lines, offset)
        end = offset + sum(map(len, lines[:good])) + good
        if good < len(lines):
            raise damaged(files, source, end, form.advice)
    _check_beginning(files, source, end, form)
    return Tail(end, _whole_line(b"".join(_rest(files, source.fd, end)), form.is_ours))


def _check_beginning(files: Files, source: Source, place: int, form: Format) -> None:
    """A crash leaves the beginning of a line, and a power cut zeros where nothing arrived; all else is not ours."""
    beginning = files.read(source.fd, len(form.begin), place).rstrip(b"\0")
    if not form.begin.startswith(beginning):
        raise damaged(files, source, place, form.advice)


def _rest(files: Files, fd: int, start: int) -> Iterator[bytes]:
    while chunk := files.read(fd, CHUNK, start):
        start += len(chunk)
        yield chunk


def _whole_line(rest: bytes, is_ours: Callable[[bytes], bool]) -> bytes | None:
    """The whole line that a file ends with: its newline is missing, was never written, or is another byte now."""
    candidates = (rest, rest.rstrip(b"\0"), rest[:-1])
    return next((line for line in candidates if line and is_ours(line)), None)


def damaged(files: Files, source: Source, bad: int, advice: str) -> StoreDamaged:
    """What to say of the line at the byte offset `bad`."""
    number = line_number(files, source.fd, bad)
    return StoreDamaged(
        f"{source.path}: line {number} (byte offset {bad}) was not written by asyncsynth, or was changed since",
        hint=f"look at it (sed -n {number}p {source.path}); {advice}. Nothing was changed",
    )


def line_number(files: Files, fd: int, place: int) -> int:
    """The number, from 1 on, of the line that begins at this byte offset."""
    number, position = 1, 0
    while position < place and (chunk := files.read(fd, min(CHUNK, place - position), position)):
        number += chunk.count(b"\n")
        position += len(chunk)
    return number


def last_line_end(files: Files, fd: int) -> int:
    """The offset after the last newline, found from the end: for files too big, and too unimportant, to be scanned."""
    end = files.size(fd)
    while end > 0:
        start = max(0, end - CHUNK)
        newline = files.read(fd, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
