"""A recipe of plain lists: the n-th sample asks the n-th text, and samples that ask the same share a key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from asyncsynth.engine.missing import Grouping
from asyncsynth.errors import UsageError
from asyncsynth.values import AxisCells, Request, Sample, Value


def key_of(ask: str) -> str:
    return hashlib.sha256(ask.encode()).hexdigest()[:32]


class FakeRecipe:
    """`prompt` is the record's template; a sample whose number is in `unrendered` fails it, one in `problems` can't be
    asked.
    """

    def __init__(
        self,
        asks: Sequence[str],
        *,
        limit: int = 0,
        prompt: str = "{n}: ",
        unrendered: Sequence[int] = (),
        problems: Sequence[int] = (),
        alike: bool | None = None,
    ) -> None:
        self.asks, self.limit, self.prompt = tuple(asks), limit, prompt
        self.unrendered, self.problems = tuple(unrendered), tuple(problems)
        self.alike = len(set(asks)) < len(asks) if alike is None else alike
        self.total = len(asks)
        self.order = key_of(repr((self.asks, self.problems)))
        self.fingerprint = key_of(repr((self.order, prompt, self.unrendered)))
        self.grouping: Grouping | None = None  # requests are sent in order
        self.cells = None  # its samples are rendered one by one
        self.looked_at = 0  # samples that were asked for

    def at(self, position: int) -> Sample:
        ask = self.asks[position]
        problem = f"can't ask {ask}" if position in self.problems else None
        return Sample(key_of(ask), {"n": position, "ask": ask}, 0, problem)

    def rows(self, cells: Sequence[AxisCells]) -> Iterator[tuple[int, Iterator[tuple[str, tuple[Any, ...]]]]]:
        raise AssertionError("there are no cells")

    def samples(self, start: int = 0) -> Iterator[Sample]:
        for position in islice(range(self.total), start, None):
            self.looked_at += 1
            yield self.at(position)

    def sample_keys(self) -> Iterator[str]:
        return (sample.key for sample in self.samples())

    def positions(self) -> Iterator[int]:
        return iter(range(self.total))

    def request(self, sample: Sample, generation: int = 0, lost: int = 0) -> Request:
        return Request(sample, generation, f"{sample.combination['ask']} {generation}", None)

    def columns(self, combination: Mapping[str, Value]) -> Mapping[str, Any]:
        return dict(combination)

    def fields(self, sample: Sample, completion: str) -> Mapping[str, Any]:
        if sample.combination["n"] in self.unrendered:
            raise UsageError(f"no record of {sample.combination['ask']}")
        return {"prompt": self.prompt.format(n=sample.combination["n"]), "completion": completion}
