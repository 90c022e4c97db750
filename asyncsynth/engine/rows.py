"""What samples put into their records: rendered by the recipe when an answer comes, or lies there."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec.structs import replace

from asyncsynth.errors import UsageError
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import GivenUp, Request, Row, Sample, Value


class Fields(Protocol):
    """What the recipe renders for a record, and what it asks again."""

    def columns(self, combination: Mapping[str, Value]) -> Mapping[str, Any]: ...
    def fields(self, sample: Sample, completion: str) -> Mapping[str, Any]: ...
    def at(self, position: int) -> Sample: ...
    def request(self, sample: Sample, generation: int = 0, lost: int = 0) -> Request: ...


def row_of(recipe: Fields, sample: Sample, completion: str) -> Row:
    """The row of a sample; one with a problem where its record can't be rendered."""
    columns = recipe.columns(sample.combination)
    try:
        return Row(columns, sample.repeat, recipe.fields(sample, completion))
    except UsageError as error:
        return Row(columns, sample.repeat, {}, error.message)


class Rows:
    """The rows of all samples that share an answer; `twins` as in Inventory."""

    asleep = 0  # no sample waits for another one's answer
    to_make = 0  # nor is one made that was not planned

    def __init__(self, recipe: Fields, twins: Mapping[str, Sequence[int]]) -> None:
        self._recipe, self._twins = recipe, twins

    def answered(self, sample: Sample, completion: str) -> tuple[Row, ...]:
        """For the sample that was asked, and for its twins."""
        row = row_of(self._recipe, sample, completion)
        twins = self._twins.get(sample.key) if self._twins else None
        if twins is None:
            return (row,)
        return (row, *(row_of(self._recipe, twin, completion) for twin in self._at(twins)))

    def takes_left(self, request: Request) -> int:  # noqa: ARG002 - see Courses
        """None: its only step takes every answer."""
        return 0

    def asked_again(self, request: Request, lost: int) -> Request:
        """The same with another UUID, after so many replies of no use; as it was where that can't be rendered."""
        with contextlib.suppress(UsageError):
            return self._recipe.request(request.sample, request.generation, lost)
        return request

    def follow(self, request: Request, answer: StoredAnswer, lost: int = 0) -> Iterable[Request]:  # noqa: ARG002 - the same
        """Nothing: there is one step."""
        return ()

    def condemned(self, keys: Collection[str]) -> None:
        """Nothing: no sample waits for the end of another one."""

    def given_up(self, end: GivenUp) -> GivenUp:
        """The same for a dead letter, which has no fields."""
        samples = [end.sample, *self._at(self._twins.get(end.sample.key, ()))]
        return replace(end, rows=tuple(Row(self._recipe.columns(one.combination), one.repeat, {}) for one in samples))

    def conclude(self) -> None:
        """Nothing: who shares an answer is known when it comes."""

    def _at(self, positions: Iterable[int]) -> Iterator[Sample]:
        """The samples at these positions, but for one whose file changed: the next run makes its record, or never."""
        for position in positions:
            with contextlib.suppress(UsageError):
                yield self._recipe.at(position)
