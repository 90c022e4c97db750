"""The answers by their keys, for views that are made anew, in flat memory where they are asked for nearly in order.

A run asks the samples in their order, and its answers come nearly in that order. So the file is read along with the
samples, and of what was read ahead only the last few megabytes are kept. Of an answer that is left behind by then only
its place is remembered: 6 bytes for each answer there is, once there is a first one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from msgspec import Struct

from asyncsynth.errors import StoreDamaged
from asyncsynth.store.answers import KEY_IN_LINE, AnswerParts, generation_of, parts_of
from asyncsynth.store.files import Files, doing
from asyncsynth.store.key_places import GrowingPlaces, KeyPlaces
from asyncsynth.store.keys import KeySet
from asyncsynth.store.scan import Source

_AHEAD = 8 << 20  # bytes of lines that are kept
# Bytes that are read at a time of what was left behind: mostly lines near each other, else one by one.
_NEAR, _FAR = 1 << 18, 1 << 12


class _Piece(Struct, frozen=True):
    """Lines that follow each other from a place in the file on; `size` is that of all of them."""

    place: int
    lines: Sequence[bytes]
    size: int


class Lookup:
    """Finds the answers that stand in these pieces of a file; see scan.read_pieces.

    `answered`: the keys that have an answer; must not change meanwhile. `generations`: of keys that were dropped; their
    older answers count no longer. `shared`: a key may be asked for more than once. `written`: where the answers
    stand that were written since; those of `answered` may change with them.
    """

    def __init__(
        self,
        files: Files,
        source: Source,
        answered: KeySet,
        generations: Mapping[str, int],
        pieces: Iterator[tuple[int, Sequence[bytes]]],
        *,
        shared: bool,
        written: GrowingPlaces | None = None,
    ) -> None:
        self._files, self._source = files, source
        self._answered, self._generations = answered, generations
        self._unread, self._written = pieces, written
        self._pieces: deque[_Piece] = deque()
        self._size = 0  # of all pieces
        self._ahead: dict[bytes, bytes] = {}  # key -> line, of what was not asked for yet
        self._take = self._ahead.get if shared else self._ahead.pop
        self._places: KeyPlaces | None = None  # of what was left behind
        self._begin, self._near = 0, b""

    def came(self, key: str) -> bool:
        """Whether the answer was written since."""
        return self._written is not None and self._written.get(key) is not None

    def parts(self, key: bytes) -> AnswerParts | None:
        """The parts of this key's answer; None where there is no answer. Raises StoreDamaged for a changed file."""
        place = None if self._written is None else self._written.get(key.decode())
        line = self._line_at(place) if place is not None else self._take(key, None) or self._further(key)
        if line is None:
            return None
        parts = parts_of(line)
        return self._changed(key) if parts is None or line[KEY_IN_LINE] != key else parts

    def _further(self, key: bytes) -> bytes | None:
        while self._size < _AHEAD and self._read_on():
            if (line := self._take(key, None)) is not None:
                return line
        name = key.decode()
        if name not in self._answered:
            return None
        place = None if self._places is None else self._places.get(name)
        if place is not None:
            return self._line_at(place)
        while self._read_on():
            if (line := self._take(key, None)) is not None:
                return line
        return self._changed(key)

    def _read_on(self) -> bool:
        """Reads the next piece, and leaves behind what is too much; False at the end of the file."""
        with doing("read", self._source.path):
            place, lines = next(self._unread, (-1, []))
        if place < 0:
            return False
        piece = _Piece(place, lines, sum(map(len, lines)))
        self._pieces.append(piece)
        self._size += piece.size
        self._ahead.update((line[KEY_IN_LINE], line) for line in self._counting(lines))
        self._leave_behind()
        return True

    def _counting(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        """The lines whose answers count."""
        dropped = self._generations
        if not dropped:
            return lines
        names = ((line, line[KEY_IN_LINE].decode("ascii", "replace")) for line in lines)
        return [line for line, name in names if name not in dropped or generation_of(line) == dropped[name]]

    def _leave_behind(self) -> None:
        """Lets go of the oldest pieces: those of which all was asked for, and what is too much."""
        ahead = self._ahead
        while len(self._pieces) > 1:
            oldest = self._pieces[0]
            if self._size <= _AHEAD and any(line[KEY_IN_LINE] in ahead for line in oldest.lines):
                return
            self._remember_places(oldest)
            self._size -= oldest.size
            self._pieces.popleft()

    def _remember_places(self, piece: _Piece) -> None:
        place = piece.place
        for line in piece.lines:
            key = line[KEY_IN_LINE]
            if self._ahead.get(key) is line:
                del self._ahead[key]
                if self._places is None:
                    self._places = KeyPlaces(self._answered)
                self._places.put(key.decode(), place)
            place += len(line) + 1

    def _line_at(self, place: int) -> bytes:
        start = place - self._begin
        if 0 <= start < len(self._near) and (end := self._near.find(b"\n", start)) >= 0:
            return self._near[start:end]
        near = -_NEAR < start < len(self._near) + _NEAR
        begin, size = (max(0, place - _NEAR // 4), _NEAR) if near else (place, _FAR)
        while True:
            with doing("read", self._source.path):
                self._begin, self._near = begin, self._files.read(self._source.fd, size, begin)
            end = self._near.find(b"\n", place - begin)
            if end >= 0 or len(self._near) < size:
                return self._near[place - begin : end if end >= 0 else None]
            size *= 2

    def _changed(self, key: bytes) -> NoReturn:
        raise StoreDamaged(
            f"{self._source.path}: the answer of {key.decode()} is not as it was a moment ago",
            hint="another program is changing this file; stop it, and run again",
        )
