"""Where the line of each key stands in a file, in a few bytes a key."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from asyncsynth.store.keys import KeySet

_PLACE = 6  # bytes of a place: files of up to 281 TB


class KeyPlaces:
    """A place for each key of a set, as far as it was put, in 6 bytes each; the set must stay as it is.

    The keys themselves are not kept again: a key's number in the set says where its place is.
    """

    __slots__ = ("_firsts", "_keys", "_places")

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys
        self._firsts = array("Q", keys.firsts())
        self._places = bytearray(_PLACE * len(keys))

    def put(self, key: str, place: int) -> None:
        """Nothing changes for a key that is not in the set. OverflowError for a place beyond all files."""
        at = self._at(key)
        if at >= 0:
            self._places[at : at + _PLACE] = (place + 1).to_bytes(_PLACE, "big")

    def get(self, key: str) -> int | None:
        """The place that was put last for this key, None where there is none."""
        at = self._at(key)
        place = int.from_bytes(self._places[at : at + _PLACE], "big") if at >= 0 else 0
        return place - 1 if place else None

    def _at(self, key: str) -> int:
        number, within = self._keys.find(key)
        return -1 if within < 0 else _PLACE * (self._firsts[number] + within)


_SHELVES = 1 << 12
_REST = 14  # bytes of a key behind the first two
_ENTRY = _REST + _PLACE


class GrowingPlaces:
    """Places of ever more keys, in some 25 bytes each.

    Keys (32 hex digits, hashes) lie on a shelf by their first three digits; there one bytes.find finds them.
    """

    __slots__ = ("_shelves",)

    def __init__(self) -> None:
        self._shelves = [bytearray() for _ in range(_SHELVES)]

    def add(self, keys: Iterable[str], lines: Iterable[bytes], place: int) -> None:
        """Keys whose lines stand one behind the other from a place on."""
        for key, line in zip(keys, lines, strict=True):
            raw = bytes.fromhex(key)
            self._shelves[_number(raw)] += raw[-_REST:] + place.to_bytes(_PLACE, "big")
            place += len(line)

    def get(self, key: str) -> int | None:
        """The place of this key; None where it was not added."""
        raw = bytes.fromhex(key)
        shelf, rest = self._shelves[_number(raw)], raw[-_REST:]
        at = shelf.find(rest)
        while at % _ENTRY and at >= 0:  # a match across two entries
            at = shelf.find(rest, at + 1)
        return int.from_bytes(shelf[at + _REST : at + _ENTRY], "big") if at >= 0 else None


def _number(raw: bytes) -> int:
    return raw[0] << 4 | raw[1] >> 4
