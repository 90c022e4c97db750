"""Sets of keys that take about 17 bytes a key, and places of their keys in a file that take 6."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import accumulate
from struct import Struct

_WIDTH = 16
_BUCKETS = 1 << 16
_KEY = Struct(">H14s")  # the number of a key's bucket, and the rest, which the bucket keeps
_REST = 14
_SHELVES = 1 << 8
_SHELVED = Struct(">B15s")  # the number of a key's shelf, and the rest
_TO_SORT = Struct(">B14s")  # of that: which of the shelf's buckets, and what the bucket keeps


class KeySet:
    """Keys (32 hex digits) as raw bytes, in one bytes object for each value of their first two bytes.

    Keys are hashes, so the buckets fill evenly: 15 keys each at a million, 150 at ten million, both found by one
    bytes.find. Immutable bytes are joined anew for each key, which is still faster, and smaller, than bytearrays.

    Many keys at a time wait on 256 shelves, by their first byte, until one of that shelf is asked for: two passes over
    memory near at hand are twice as fast as one over 65,536 places.
    """

    __slots__ = ("_buckets", "_count", "_shelves")

    def __init__(self) -> None:
        self._buckets = [b""] * _BUCKETS
        self._shelves = [bytearray() for _ in range(_SHELVES)]
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: object) -> bool:
        try:
            number, rest = _split(key)  # type: ignore[arg-type]  # what is no text is no key either
        except (TypeError, ValueError):
            return False
        bucket = self._bucket(number)
        return rest in bucket and _find(bucket, rest) >= 0

    def __iter__(self) -> Iterator[str]:
        for number in range(_BUCKETS):
            bucket = self._bucket(number)
            for at in range(0, len(bucket), _REST):
                yield _KEY.pack(number, bucket[at : at + _REST]).hex()

    def add(self, key: str) -> bool:
        """Whether the key was new."""
        number, rest = _split(key)
        bucket = self._bucket(number)
        if rest in bucket and _find(bucket, rest) >= 0:
            return False
        self._buckets[number] = bucket + rest
        self._count += 1
        return True

    def add_new(self, raws: bytes) -> None:
        """Adds many keys of 16 bytes each, end to end, none of which is there yet; the loop of a resume."""
        shelves = self._shelves
        for number, rest in _SHELVED.iter_unpack(raws):
            shelves[number] += rest
        self._count += len(raws) // _WIDTH

    def discard(self, key: str) -> bool:
        """Whether the key was there."""
        number, rest = _split(key)
        bucket = self._bucket(number)
        at = _find(bucket, rest)
        if at < 0:
            return False
        self._buckets[number] = bucket[:at] + bucket[at + _REST :]
        self._count -= 1
        return True

    def find(self, key: str) -> tuple[int, int]:
        """The number of the key's bucket, and its number there; -1 where it is not there."""
        number, rest = _split(key)
        at = _find(self._bucket(number), rest)
        return number, at // _REST if at >= 0 else -1

    def firsts(self) -> Iterator[int]:
        """For each bucket, how many keys there are in those before it."""
        return accumulate((len(self._bucket(number)) // _REST for number in range(_BUCKETS - 1)), initial=0)

    def _bucket(self, number: int) -> bytes:
        if self._shelves[number >> 8]:
            self._sort(number >> 8)
        return self._buckets[number]

    def _sort(self, shelf: int) -> None:
        """Moves the keys of a shelf into its buckets."""
        place = slice(shelf << 8, (shelf + 1) << 8)
        fuller = [bytearray(bucket) for bucket in self._buckets[place]]
        for number, rest in _TO_SORT.iter_unpack(self._shelves[shelf]):
            fuller[number] += rest
        self._buckets[place] = map(bytes, fuller)
        self._shelves[shelf] = bytearray()


def _split(key: str) -> tuple[int, bytes]:
    """The number of the key's bucket, and what the bucket keeps of it."""
    raw = bytes.fromhex(key)
    if len(raw) != _WIDTH:
        raise ValueError(f"a key has {_WIDTH} bytes, not {len(raw)}")
    number, rest = _KEY.unpack(raw)
    return number, rest


def _find(bucket: bytes, rest: bytes) -> int:
    at = bucket.find(rest)
    while at % _REST and at >= 0:  # a match across two keys
        at = bucket.find(rest, at + 1)
    return at


_PLACE = 6  # bytes of a place: files of up to 281 TB


class KeyPlaces:
    """A place in a file for each key of a set, as far as it was put; the set must stay as it is.

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
