"""A seeded order of range(size) in constant memory.

A Feistel network on a x b numbers, a*b barely above size, with addition modulo a and b as the round operation, and
cycle walking for what falls outside (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002).
Not for secrets: rounds use integer mixing, and only SHA-256 and integer arithmetic, so that an order never
depends on the Python version.
"""

from __future__ import annotations

from hashlib import sha256
from math import isqrt

_WORD = 2**64 - 1


def mix(number: int, key: int) -> int:
    """64 well-mixed bits of a number and a key (the finaliser of SplitMix64 without its last shift)."""
    word = (number + key) * 0xBF58476D1CE4E5B9 & _WORD
    word = (word ^ word >> 30) * 0x94D049BB133111EB & _WORD
    return word ^ word >> 31


def keys_of(seed: str) -> tuple[int, int, int, int]:
    """Four 64-bit keys drawn from a text."""
    digest = sha256(seed.encode("utf-8", "surrogatepass")).digest()
    first, second, third, fourth = (int.from_bytes(digest[at : at + 8], "big") for at in (0, 8, 16, 24))
    return first, second, third, fourth


class Permutation:
    """A bijection of range(size); `size` at least 1, equal sizes and seeds give equal orders."""

    __slots__ = ("_columns", "_keys", "_rows", "_size")

    def __init__(self, size: int, seed: str) -> None:
        self._size = size
        self._rows = isqrt(size - 1) + 1
        self._columns = -(-size // self._rows)
        self._keys = keys_of(seed)

    def at(self, index: int) -> int:
        """The number at an index of the order."""
        rows, columns = self._rows, self._columns
        first, second, third, fourth = self._keys
        number = index
        while True:
            row, column = divmod(number, columns)
            row = (row + mix(column, first)) % rows
            column = (column + mix(row, second)) % columns
            row = (row + mix(column, third)) % rows
            column = (column + mix(row, fourth)) % columns
            number = row * columns + column
            if number < self._size:
                return number
