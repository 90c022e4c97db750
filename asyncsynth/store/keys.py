"""Sets of keys that take about 17 bytes a key."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, chain, compress
from struct import Struct

_WIDTH = 16
_SHELVES = 1 << 8
_PLACES = 1 << 8  # buckets of a shelf
_KEY = Struct(">BB14s")  # the numbers of a key's shelf and of its bucket there, and the rest, which the bucket keeps
_REST = 14
_SHELVED = Struct(">B15s")  # the number of a key's shelf, and the rest
_TO_SORT = Struct(">B14s")  # of that: which of the shelf's buckets, and what the bucket keeps
_MANY = _PLACES * 15  # bytes that wait for a shelf: as many keys as it has buckets
_EMPTY = [b""] * _PLACES  # a shelf without keys; nobody changes it
FEWEST_DIGITS = 4  # of the beginning of a key that is looked for: those that say which bucket is its


class KeySet:
    """Keys (32 hex digits) as raw bytes, in one bytes object for each value of their first two bytes.

    Keys are hashes, so the buckets fill evenly: 15 keys each at a million, 150 at ten million, both found by one
    bytes.find. Immutable bytes are joined anew for each key, which is still faster, and smaller, than bytearrays.

    256 buckets are a shelf, by the first byte. Many keys at a time wait for their shelf until one of it is asked for:
    two passes over memory near at hand are twice as fast as one over 65,536 places.
    """

    __slots__ = ("_count", "_shelves", "_waiting")

    def __init__(self) -> None:
        self._shelves = [_EMPTY] * _SHELVES
        self._waiting = [bytearray() for _ in range(_SHELVES)]
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: object) -> bool:
        try:
            number, place, rest = _split(key)  # type: ignore[arg-type]  # what is no text is no key either
        except (TypeError, ValueError):
            return False
        bucket = self._shelf(number)[place]
        return _find(bucket, rest) >= 0

    def __iter__(self) -> Iterator[str]:
        for number in range(_SHELVES):
            shelf = self._shelf(number)
            for place in compress(range(_PLACES), shelf):
                yield from _keys_of(number, place, shelf[place])

    def beginning(self, digits: str) -> list[str]:
        """The keys that begin with these hex digits, which are at least FEWEST_DIGITS."""
        number, place = bytes.fromhex(digits[:FEWEST_DIGITS])
        return [key for key in _keys_of(number, place, self._shelf(number)[place]) if key.startswith(digits)]

    def add(self, key: str) -> bool:
        """Whether the key was new."""
        number, place, rest = _split(key)
        bucket = self._shelf(number)[place]
        if _find(bucket, rest) >= 0:
            return False
        self._own(number)[place] = bucket + rest
        self._count += 1
        return True

    def add_new(self, raws: bytes) -> None:
        """Adds many keys of 16 bytes each, end to end, none of which is there yet; the loop of a resume."""
        waiting = self._waiting
        for number, rest in _SHELVED.iter_unpack(raws):
            waiting[number] += rest
        self._count += len(raws) // _WIDTH

    def discard(self, key: str) -> bool:
        """Whether the key was there."""
        number, place, rest = _split(key)
        bucket = self._shelf(number)[place]
        at = _find(bucket, rest)
        if at < 0:
            return False
        self._own(number)[place] = bucket[:at] + bucket[at + _REST :]
        self._count -= 1
        return True

    def find(self, key: str) -> tuple[int, int]:
        """The number of the key's bucket, and its number there; -1 where it is not there."""
        number, place, rest = _split(key)
        at = _find(self._shelf(number)[place], rest)
        return number * _PLACES + place, at // _REST if at >= 0 else -1

    def firsts(self) -> Iterator[int]:
        """For each bucket, how many keys there are in those before it; then how many there are in all."""
        shelves = map(self._shelf, range(_SHELVES))
        return (size // _REST for size in accumulate(map(len, chain.from_iterable(shelves)), initial=0))

    def _shelf(self, number: int) -> list[bytes]:
        """With all its keys, to be looked at."""
        if self._waiting[number]:
            self._sort(number)
        return self._shelves[number]

    def _own(self, number: int) -> list[bytes]:
        """A shelf that may be changed."""
        if self._shelves[number] is _EMPTY:
            self._shelves[number] = list(_EMPTY)
        return self._shelves[number]

    def _sort(self, number: int) -> None:
        """Moves the keys that wait for a shelf into its buckets."""
        shelf, waiting = self._own(number), self._waiting[number]
        if len(waiting) < _MANY:
            for place, rest in _TO_SORT.iter_unpack(waiting):
                shelf[place] += rest
        else:
            fuller = [bytearray(bucket) for bucket in shelf]
            for place, rest in _TO_SORT.iter_unpack(waiting):
                fuller[place] += rest
            self._shelves[number] = [bytes(bucket) for bucket in fuller]
        self._waiting[number] = bytearray()


def _split(key: str) -> tuple[int, int, bytes]:
    """The numbers of the key's shelf and of its bucket there, and what the bucket keeps of it."""
    raw = bytes.fromhex(key)
    if len(raw) != _WIDTH:
        raise ValueError(f"a key has {_WIDTH} bytes, not {len(raw)}")
    return _KEY.unpack(raw)


def _keys_of(number: int, place: int, bucket: bytes) -> list[str]:
    begin, rests = f"{number:02x}{place:02x}", bucket.hex()
    return [begin + rests[at : at + 2 * _REST] for at in range(0, len(rests), 2 * _REST)]


def _find(bucket: bytes, rest: bytes) -> int:
    at = bucket.find(rest)
    while at % _REST and at >= 0:  # a match across two keys
        at = bucket.find(rest, at + 1)
    return at
