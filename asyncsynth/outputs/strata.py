"""Splits so that each value of an axis has its shares: its samples stand in the order of their hashes, and are cut.

To within one sample for each value. Samples that are added later move only those that stand next to a border. It takes
8 bytes a sample.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable

from asyncsynth.outputs.examples import Record
from asyncsynth.outputs.shares import Shares, place_of


class StratifiedShares:
    """`value_of`: the value of a record by which it is counted; `records`: all that will be split."""

    def __init__(self, shares: Shares, value_of: Callable[[Record], str | None], records: Iterable[Record]) -> None:
        places: defaultdict[str | None, array[int]] = defaultdict(lambda: array("Q"))
        for record in records:
            places[value_of(record)].append(place_of(record["key"]))
        self._names, self._value_of = shares.names, value_of
        self._ends = {value: _ends(sorted(hashes), shares.shares) for value, hashes in places.items()}

    def of(self, record: Record) -> str:
        """The split of one of these records."""
        place = place_of(record["key"])
        for name, end in zip(self._names, self._ends[self._value_of(record)], strict=False):
            if place < end:
                return name
        return self._names[-1]


def _ends(hashes: list[int], shares: tuple[float, ...]) -> list[int]:
    """The first hash behind each split but the last."""
    ends, sum_of_shares = [], 0.0
    for share in shares[:-1]:
        sum_of_shares += share
        number = round(sum_of_shares * len(hashes))
        ends.append(hashes[number] if number < len(hashes) else 1 << 64)
    return ends
