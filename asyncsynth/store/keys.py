"""A set of sample keys in about 20 bytes a key."""

from __future__ import annotations

from collections.abc import Iterator

_WIDTH = 16


class KeySet:
    """Keys (32 hex digits) as 16 raw bytes in one bytearray for each value of their first two bytes.

    Keys are hashes, so the buckets fill evenly: 15 keys each at a million, 150 at ten million,
    both found by one bytes.find.
    """

    __slots__ = ("_buckets", "_count")

    def __init__(self) -> None:
        self._buckets: dict[bytes, bytearray] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: str) -> bool:
        raw = bytes.fromhex(key)
        bucket = self._buckets.get(raw[:2])
        return bucket is not None and _find(bucket, raw) >= 0

    def __iter__(self) -> Iterator[str]:
        for bucket in self._buckets.values():
            for at in range(0, len(bucket), _WIDTH):
                yield bucket[at : at + _WIDTH].hex()

    def add(self, key: str) -> bool:
        """Whether the key was new."""
        return self.add_raw(bytes.fromhex(key))

    def add_raw(self, raw: bytes) -> bool:
        if len(raw) != _WIDTH:
            raise ValueError(f"a key has {_WIDTH} bytes, not {len(raw)}")
        bucket = self._buckets.get(raw[:2])
        if bucket is None:
            self._buckets[raw[:2]] = bytearray(raw)
        elif _find(bucket, raw) >= 0:
            return False
        else:
            bucket += raw
        self._count += 1
        return True

    def add_all(self, raws: bytes) -> None:
        """Adds many keys of 16 bytes each, end to end; the loop of a resume, so without a call for each key."""
        buckets, added = self._buckets, 0
        for at in range(0, len(raws), _WIDTH):
            raw = raws[at : at + _WIDTH]
            bucket = buckets.get(raw[:2])
            if bucket is None:
                buckets[raw[:2]] = bytearray(raw)
            elif raw in bucket and _find(bucket, raw) >= 0:
                continue
            else:
                bucket += raw
            added += 1
        self._count += added

    def discard(self, key: str) -> None:
        raw = bytes.fromhex(key)
        bucket = self._buckets.get(raw[:2])
        at = -1 if bucket is None else _find(bucket, raw)
        if bucket is not None and at >= 0:
            del bucket[at : at + _WIDTH]
            self._count -= 1


def _find(bucket: bytearray, raw: bytes) -> int:
    at = bucket.find(raw)
    while at % _WIDTH and at >= 0:  # a match across two keys
        at = bucket.find(raw, at + 1)
    return at
