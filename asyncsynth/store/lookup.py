"""The answers by their keys, for views that are made anew: places in a map, lines read near each other."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from asyncsynth.errors import StoreDamaged
from asyncsynth.store.answers import KEY_IN_LINE, StoredAnswer, read_answer
from asyncsynth.store.files import Files, doing
from asyncsynth.store.keys import KeyMap
from asyncsynth.store.scan import read_pieces

# Bytes that are read at a time: answers are mostly asked for nearly in the order in which they came, else one by one.
_NEAR, _FAR = 1 << 18, 1 << 12


class Lookup:
    """Finds answers by key; `wanted` are the keys that will be asked for."""

    def __init__(self, files: Files, path: Path, fd: int, wanted: Container[str], start: int = 0) -> None:
        self._files, self._path, self._fd = files, path, fd
        self._places = KeyMap()
        self._begin, self._piece = 0, b""
        with doing("read", path):
            for offset, lines in read_pieces(files, fd, start):
                place = offset
                for line in lines:
                    key = line[KEY_IN_LINE].decode("ascii", "replace")
                    if key in wanted:
                        self._places.add(key, place)
                    place += len(line) + 1

    def answer(self, key: str) -> StoredAnswer | None:
        """The newest answer of this key."""
        place = self._places.get(key)
        if place is None:
            return None
        answer = read_answer(self._line(place))
        if answer is None or answer.key != key:
            raise StoreDamaged(
                f"{self._path}: byte offset {place} is no answer of {key} any more",
                hint="somebody changes this file while it is read; stop that, and run again",
            )
        return answer

    def _line(self, place: int) -> bytes:
        start = place - self._begin
        if 0 <= start < len(self._piece) and (end := self._piece.find(b"\n", start)) >= 0:
            return self._piece[start:end]
        near = -_NEAR < start < len(self._piece) + _NEAR
        begin, size = (max(0, place - _NEAR // 4), _NEAR) if near else (place, _FAR)
        while True:
            with doing("read", self._path):
                self._begin, self._piece = begin, self._files.read(self._fd, size, begin)
            end = self._piece.find(b"\n", place - begin)
            if end >= 0 or len(self._piece) < size:
                return self._piece[place - begin : end if end >= 0 else None]
            size *= 2
