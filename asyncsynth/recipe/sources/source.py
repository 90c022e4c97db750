"""A source: the values of an axis that stand in a file or a folder, few of them in memory at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import overload

from msgspec import Struct

from asyncsynth.errors import UsageError
from asyncsynth.values import Value

HELD_BYTES = 4_000_000  # of all rows: these are held in memory, like a list of the config


class SourceChanged(UsageError):
    """A file is not what it was when it was read first."""


class SourceUnreadable(UsageError):
    """A file could be read at first, and now the system refuses."""


class Told(Struct, frozen=True):
    """What is known of a source's values without reading them again.

    `written` is the axis as the config has it, `digest` 32 hex digits of that and of all that was read. `types`: for
    each column the types of its values, in the order in which the columns first came, NoneType where a row lacks it;
    None for values that are texts. `size` is the bytes of all values together, `longest` of one. `examples` are numbers
    of values such that each set of columns and types is there.
    """

    path: Path
    written: Mapping[str, object]
    digest: str
    types: Mapping[str, frozenset[type]] | None
    size: int
    longest: int
    examples: Sequence[int] = ()


class Source(Sequence[Value]):
    """The values in the order of the file; each is decoded anew when it is asked for.

    Raises SourceChanged where the file no longer has what it had, SourceUnreadable where it can no longer be read.
    """

    def __init__(self, told: Told) -> None:
        self.told = told

    @cached_property
    def values(self) -> Sequence[Value]:
        """The values, all of them in memory where that is little."""
        return tuple(self) if self.told.size <= HELD_BYTES else self

    @abstractmethod
    def value(self, number: int) -> Value:
        """The value of a number below the length."""

    @abstractmethod
    def longer_than(self, size: int) -> Iterator[int]:
        """The numbers of the values that are longer in their file, in bytes."""

    def texts(self, column: str) -> Iterator[str] | None:
        """The texts of a column, in the order of the file; None where its values are not all texts."""
        del column
        return None

    @abstractmethod
    def place(self, number: int) -> str:
        """Where a value stands, for people: a file and a line."""

    @overload
    def __getitem__(self, number: int) -> Value: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Value]: ...
    def __getitem__(self, number: int | slice) -> Value | Sequence[Value]:
        if isinstance(number, slice):
            return [self.value(one) for one in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(f"there is no row {number}")
        return self.value(number)

    @abstractmethod
    def __iter__(self) -> Iterator[Value]: ...

    def _changed(self, place: str) -> SourceChanged:
        return SourceChanged(
            f"{place}: was changed while it was used",
            hint="run again: what is there is kept, and only what changed is made",
        )

    def _unreadable(self, error: OSError) -> SourceUnreadable:
        return SourceUnreadable(
            f"{self.told.path} can no longer be read: {error.strerror or error}",
            hint="fix that and run again: what is there is kept",
        )
