"""Sets and maps of keys that take about 17 and 23 bytes a key."""

from __future__ import annotations

from collections.abc import Iterator
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
_ENTRY = _REST + _PLACE


class KeyMap:
    """Keys -> whole numbers (places in a file), filled once and then asked; a key that is added again has its last one.

    Made like KeySet, with the number behind each key's rest.
    """

    __slots__ = ("_buckets", "_shelves")

    def __init__(self) -> None:
        self._buckets = [b""] * _BUCKETS
        self._shelves = [bytearray() for _ in range(_SHELVES)]

    def add(self, key: str, place: int) -> None:
        raw = bytes.fromhex(key)
        self._shelves[raw[0]] += raw[1:] + place.to_bytes(_PLACE, "big")

    def get(self, key: str) -> int | None:
        """The number that was added last for this key, None where there is none."""
        number, rest = _split(key)
        if self._shelves[number >> 8]:
            self._sort(number >> 8)
        bucket = self._buckets[number]
        at = bucket.rfind(rest)
        while at >= 0 and at % _ENTRY:
            at = bucket.rfind(rest, 0, at + _REST - 1)
        return None if at < 0 else int.from_bytes(bucket[at + _REST : at + _ENTRY], "big")

    def _sort(self, shelf: int) -> None:
        place = slice(shelf << 8, (shelf + 1) << 8)
        fuller = [bytearray(bucket) for bucket in self._buckets[place]]
        waiting = self._shelves[shelf]
        for at in range(0, len(waiting), _ENTRY + 1):
            fuller[waiting[at]] += waiting[at + 1 : at + 1 + _ENTRY]
        self._buckets[place] = map(bytes, fuller)
        self._shelves[shelf] = bytearray()
