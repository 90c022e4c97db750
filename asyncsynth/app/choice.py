"""Which records an export takes: those that are wanted, and that some trainer can learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from asyncsynth.app.where import Where, check_axes, holds
from asyncsynth.outputs.examples import Kind, fault_of

Record = dict[str, Any]


class Choice:
    """Goes through the records once; `left_out` counts those that it leaves out, by the reason."""

    def __init__(self, kind: Kind, where: Iterable[Where]) -> None:
        self.left_out: Counter[str] = Counter()
        self._kind = kind
        self._wanted = [holds(each) for each in where]

    def of(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records that are taken. Raises UsageError where a condition can't be evaluated."""
        for record in records:
            reason = self._reason_against(record)
            if reason is None:
                yield record
            else:
                self.left_out[reason] += 1

    def _reason_against(self, record: Record) -> str | None:
        if self._wanted and not all(wanted(record) for wanted in self._wanted):
            return "not wanted by --where"
        return fault_of(record, self._kind)


def check_where(where: Iterable[Where], record: Record) -> None:
    """Raises UsageError for an axis that the records don't have."""
    check_axes(where, record["combination"])
