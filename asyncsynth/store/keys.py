"""A set of sample keys in about 17 bytes a key."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

_WIDTH = 16
_BUCKETS = 1 << 16
_KEY = Struct(">H14s")  # the number of a key's bucket, and the rest, which the bucket keeps
_REST = 14


class KeySet:
    """Keys (32 hex digits) as raw bytes, in one bytes object for each value of their first two bytes.

    Keys are hashes, so the buckets fill evenly: 15 keys each at a million, 150 at ten million, both found by one
    bytes.find. Immutable bytes are joined anew for each key, which is still faster, and smaller, than bytearrays.
    """

    __slots__ = ("_buckets", "_count")

    def __init__(self) -> None:
        self._buckets = [b""] * _BUCKETS
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: str) -> bool:
        number, rest = _split(bytes.fromhex(key))
        bucket = self._buckets[number]
        return rest in bucket and _find(bucket, rest) >= 0

    def __iter__(self) -> Iterator[str]:
        for number, bucket in enumerate(self._buckets):
            for at in range(0, len(bucket), _REST):
                yield _KEY.pack(number, bucket[at : at + _REST]).hex()

    def add(self, key: str) -> bool:
        """Whether the key was new."""
        number, rest = _split(bytes.fromhex(key))
        bucket = self._buckets[number]
        if rest in bucket and _find(bucket, rest) >= 0:
            return False
        self._buckets[number] = bucket + rest
        self._count += 1
        return True

    def add_all(self, raws: bytes) -> None:
        """Adds many keys of 16 bytes each, end to end; the loop of a resume, so without a call for each key."""
        buckets, added = self._buckets, 0
        for number, rest in _KEY.iter_unpack(raws):
            bucket = buckets[number]
            if rest in bucket and _find(bucket, rest) >= 0:
                continue
            buckets[number] = bucket + rest
            added += 1
        self._count += added

    def discard(self, key: str) -> None:
        number, rest = _split(bytes.fromhex(key))
        bucket = self._buckets[number]
        at = _find(bucket, rest)
        if at >= 0:
            self._buckets[number] = bucket[:at] + bucket[at + _REST :]
            self._count -= 1


def _split(raw: bytes) -> tuple[int, bytes]:
    if len(raw) != _WIDTH:
        raise ValueError(f"a key has {_WIDTH} bytes, not {len(raw)}")
    number, rest = _KEY.unpack(raw)
    return number, rest


def _find(bucket: bytes, rest: bytes) -> int:
    at = bucket.find(rest)
    while at % _REST and at >= 0:  # a match across two keys
        at = bucket.find(rest, at + 1)
    return at
