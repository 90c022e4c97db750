"""Splits a set into train, validation and so on: by a hash, so that what is added later moves nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b

from asyncsynth.errors import UsageError

WHOLE = {"train": 1.0}
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")  # a file's name on every system, and a split's name to every loader
_EXACT = 1e-9
_FULL = 1 << 64


class Shares:
    """The names of the splits and their shares, which add up to 1; UsageError where they don't."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        for name, share in shares.items():
            if not _NAME.match(name):
                raise UsageError(f"--split: {name!r} can't name a split", hint="like train=0.9,validation=0.1")
            if not 0 < share <= 1:
                raise UsageError(f"--split: {name}={share:g} must be above 0 and at most 1")
        if abs(sum(shares.values()) - 1) > _EXACT:
            total = f"{sum(shares.values()):g}"
            raise UsageError(f"--split: the shares add up to {total}, not to 1", hint="like train=0.9,validation=0.1")
        self.names = tuple(shares)
        self.shares = tuple(shares.values())
        ends, end = [], 0.0
        for share in self.shares[:-1]:
            end += share
            ends.append(int(end * _FULL))
        self._ends = ends

    def of(self, key: str) -> str:
        """The split of a sample, which depends on nothing but its key."""
        if not self._ends:
            return self.names[0]
        place = place_of(key)
        for name, end in zip(self.names, self._ends, strict=False):
            if place < end:
                return name
        return self.names[-1]


def place_of(key: str) -> int:
    """A number below 2**64, evenly distributed."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest())


def shares_of(text: str) -> Shares:
    """Of "train=0.9,validation=0.1". Raises UsageError."""
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, share = part.strip().partition("=")
        try:
            number = float(share)
        except ValueError:
            raise UsageError(f"--split {part.strip()}: has no share", hint="like train=0.9,validation=0.1") from None
        if name in shares:
            raise UsageError(f"--split: {name} appears twice", hint="like train=0.9,validation=0.1")
        shares[name] = number
    return Shares(shares)
