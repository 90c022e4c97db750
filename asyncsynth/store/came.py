"""Where the answers that a run wrote stand in their file, in some 25 bytes each."""

from __future__ import annotations

from collections.abc import Iterable

_SHELVES = 1 << 12
_REST, _PLACE = 14, 6  # bytes of a key behind the first two, and of a place: files of up to 281 TB
_ENTRY = _REST + _PLACE


class Came:
    """Keys (32 hex digits, hashes) by their first three digits; there one bytes.find finds them."""

    __slots__ = ("_shelves",)

    def __init__(self) -> None:
        self._shelves = [bytearray() for _ in range(_SHELVES)]

    def add(self, keys: Iterable[str], lines: Iterable[bytes], place: int) -> None:
        """Answers whose lines stand one behind the other from a place on."""
        for key, line in zip(keys, lines, strict=True):
            raw = bytes.fromhex(key)
            self._shelves[_number(raw)] += raw[-_REST:] + place.to_bytes(_PLACE, "big")
            place += len(line)

    def get(self, key: str) -> int | None:
        """The place of this key's answer; None where it did not come."""
        raw = bytes.fromhex(key)
        shelf, rest = self._shelves[_number(raw)], raw[-_REST:]
        at = shelf.find(rest)
        while at % _ENTRY and at >= 0:  # a match across two entries
            at = shelf.find(rest, at + 1)
        return int.from_bytes(shelf[at + _REST : at + _ENTRY], "big") if at >= 0 else None


def _number(raw: bytes) -> int:
    return raw[0] << 4 | raw[1] >> 4
