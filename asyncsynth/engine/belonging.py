"""The keys of the answers that are there for a sample, of all steps and all takes; no text is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from asyncsynth.engine.course import Shelf
from asyncsynth.engine.stage import Stage
from asyncsynth.errors import UsageError
from asyncsynth.values import Sample


def keys_of(stages: Sequence[Stage], sample: Sample, shelf: Shelf) -> Iterator[str]:
    """Every answer that some way through the steps leads to."""
    if sample.problem is None:
        yield from _from(0, stages, sample, shelf, {}, {})


def _from(
    place: int,
    stages: Sequence[Stage],
    sample: Sample,
    shelf: Shelf,
    names: Mapping[str, str],
    stand_ins: Mapping[str, Any],
) -> Iterator[str]:
    if place == len(stages):
        return
    step, take = stages[place].step, 0
    try:
        keys = step.takes(sample, names, stand_ins)
    except UsageError:
        return
    while True:
        key = keys(take)
        if shelf.answer(key) is not None:
            yield key
            name = f"{key}/{shelf.generation(key)}"
            yield from _from(
                place + 1,
                stages,
                sample,
                shelf,
                {**names, step.name: name},
                {**stand_ins, step.name: step.stand_in(name)},
            )
        elif take > step.retry:
            return
        take += 1


class BeforeWithSteps:
    """A recipe of steps that was the last run's, as the inventory asks for it; only what is on this shelf counts."""

    def __init__(self, order: str, samples: Iterator[Sample], stages: Sequence[Stage], shelf: Shelf) -> None:
        self.order, self._samples, self._stages, self._shelf = order, samples, stages, shelf

    def sample_keys(self) -> Iterator[str]:
        """The keys of all answers that belonged to it."""
        for sample in self._samples:
            yield from keys_of(self._stages, sample, self._shelf)
