"""Which records an export takes: those that are wanted, that trainers can learn from, and that are no duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from asyncsynth.app.where import Holds
from asyncsynth.outputs.marks import FAIL, UNMARKED, Mark

Record = dict[str, Any]
Reason = Callable[[Record], str | None]  # why a record is left out, if it is


class Choice:
    """Goes through the records once; `left_out` counts those that it leaves out, by the reason.

    Each of the `reasons` is asked only where none before it had one. `of_heads`: the first ones, which ask for nothing
    but a record's key and combination.
    """

    def __init__(self, reasons: Iterable[Reason], of_heads: Iterable[Reason] = ()) -> None:
        self.left_out: Counter[str] = Counter()
        self._of_heads = tuple(of_heads)
        self._reasons = (*self._of_heads, *reasons)

    def of(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records that are taken. Raises UsageError where a condition can't be evaluated."""
        return filter(self.takes, records)

    def takes(self, record: Record) -> bool:
        """Whether one of them is taken."""
        return self._takes(record, self._reasons)

    def takes_head(self, head: Record) -> bool:
        """The same as far as its key and its combination tell."""
        return self._takes(head, self._of_heads)

    def _takes(self, record: Record, reasons: tuple[Reason, ...]) -> bool:
        for reason in reasons:
            if (told := reason(record)) is not None:
                self.left_out[told] += 1
                return False
        return True


def not_wanted(conditions: Iterable[Holds], marks: Mapping[str, Mark] | None) -> Reason:
    """The records that somebody marked as failed, or for which a condition fails; `mark` and `note` are names in it."""
    wanted = tuple(conditions)

    def reason(record: Record) -> str | None:
        values = record
        if marks is not None:
            mark = marks.get(record["key"], UNMARKED)
            if mark.mark == FAIL:
                return "marked as failed"
            values = {**record, **mark._asdict()}
        return None if all(holds(values) for holds in wanted) else "not wanted by --where"

    return reason
