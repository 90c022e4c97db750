"""Which records an export takes: those that are wanted, that trainers can learn from, and that are no duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from asyncsynth.app.where import Holds
from asyncsynth.outputs.marks import UNMARKED, Mark, failed
from asyncsynth.store.encoding import decode

Record = dict[str, Any]
Told = TypeVar("Told")
_REMEMBERED, _SHORT = 2_000, 1_000  # texts, and bytes: a combination can hold whole documents
Reason = Callable[[Record], str | None]  # why a record is left out, if it is


class Choice:
    """Goes through the records once; `left_out` counts those that it leaves out, by the reason.

    Each of the reasons is asked only where none before it had one. First come those `of_keys`, which ask for nothing
    but a record's key, then those `of_combinations`, which ask for that alone.
    """

    def __init__(
        self, reasons: Iterable[Reason], of_keys: Iterable[Reason] = (), of_combinations: Iterable[Reason] = ()
    ) -> None:
        self.left_out: Counter[str] = Counter()
        self._of_keys, self._of_combinations = tuple(of_keys), tuple(of_combinations)
        self._reasons = (*self._of_keys, *self._of_combinations, *reasons)
        self._why_not = remembering(self._why_not_this)

    def of(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records that are taken. Raises UsageError where a condition can't be evaluated."""
        return filter(self.takes, records)

    def takes(self, record: Record) -> bool:
        """Whether one of them is taken."""
        return self._counted(_first(self._reasons, record))

    @property
    def asks_for_heads(self) -> bool:
        """Whether some reasons are of keys or combinations."""
        return bool(self._of_keys or self._of_combinations)

    def takes_head(self, key: bytes, combination: bytes) -> bool:
        """The same as far as its key and its combination, as JSON, tell."""
        told = _first(self._of_keys, {"key": key.decode()}) if self._of_keys else None
        if told is None and self._of_combinations:
            told = self._why_not(combination)
        return self._counted(told)

    def _counted(self, reason: str | None) -> bool:
        if reason is not None:
            self.left_out[reason] += 1
        return reason is None

    def _why_not_this(self, combination: bytes) -> str | None:
        return _first(self._of_combinations, {"combination": decode(combination)})


def remembering(function: Callable[[bytes], Told]) -> Callable[[bytes], Told]:
    """The same function, which remembers what it said of short texts, in a few megabytes."""
    remembered = lru_cache(_REMEMBERED)(function)
    return lambda text: remembered(text) if len(text) < _SHORT else function(text)


def _first(reasons: Iterable[Reason], record: Record) -> str | None:
    """Of those that have one."""
    for reason in reasons:
        if (told := reason(record)) is not None:
            return told
    return None


def marked_as_failed(marks: Mapping[str, Mark]) -> Reason:
    """The records that somebody marked so."""
    keys = frozenset(failed(marks))
    return lambda record: "marked as failed" if record["key"] in keys else None


def not_wanted(conditions: Iterable[Holds], marks: Mapping[str, Mark] | None = None) -> Reason:
    """The records for which a condition fails; where there are marks, `mark` and `note` are names in it."""
    wanted = tuple(conditions)

    def reason(record: Record) -> str | None:
        values = record if marks is None else {**record, **marks.get(record["key"], UNMARKED)._asdict()}
        return None if all(holds(values) for holds in wanted) else "not wanted by --where"

    return reason
