"""Seeded draws: the same seed and the same bytes give the same numbers, in any order of asking."""

from __future__ import annotations

import math
import struct
from hashlib import blake2b

_SEED_BYTES = 16
_FOUR_INTEGERS = struct.Struct("<4Q")


def fingerprint(data: bytes) -> bytes:
    """16 bytes that stand for `data`."""
    return blake2b(data, digest_size=16).digest()


def seed_key(seed: int) -> bytes:
    """`seed` as the key of the draws; any int."""
    bounded: int = seed % (1 << 8 * _SEED_BYTES)
    return bounded.to_bytes(_SEED_BYTES, "little")


def integers(key: bytes, data: bytes) -> tuple[int, int, int, int]:
    """Four independent integers below 2**64, drawn by `key` (see seed_key) and `data`."""
    digest = blake2b(data, digest_size=32, key=key).digest()
    first, second, third, fourth = _FOUR_INTEGERS.unpack(digest)
    return first, second, third, fourth


def share(integer: int) -> float:
    """An integer below 2**64 as a number in [0, 1)."""
    return (integer >> 11) * 2.0**-53


def lognormal(median: float, sigma: float, first: int, second: int) -> float:
    """A lognormal draw: median * exp(sigma * z), z by Box and Muller from two integers below 2**64."""
    if median == 0 or sigma == 0:
        return median
    z = math.sqrt(-2.0 * math.log(1.0 - share(first))) * math.cos(2.0 * math.pi * share(second))
    return median * math.exp(sigma * z)
