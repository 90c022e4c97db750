"""The keys of the answers that are there for a sample, of all steps and all takes; no text is read."""

from __future__ import annotations

from collections.abc import Iterator

from asyncsynth.engine.level import takes_there
from asyncsynth.engine.stage import ASSUMED, Gathering, Got, Stage, Stages
from asyncsynth.engine.trail import Trail
from asyncsynth.engine.way import Shelf
from asyncsynth.errors import UsageError
from asyncsynth.values import Sample


def keys_of(stages: Stages, sample: Sample, shelf: Shelf) -> Iterator[str]:
    """Every answer that some way through the steps leads to, and those of steps that need none that is missing."""
    if sample.problem is None:
        yield from _from(0, stages, sample, shelf, Trail())


def _from(place: int, stages: Stages, sample: Sample, shelf: Shelf, trail: Trail) -> Iterator[str]:
    if place == len(stages):
        return
    stage = stages[place]
    if isinstance(stage, Gathering):
        yield from _from(place + 1, stages, sample, shelf, trail.at_the_end_of(stage))
        return
    step, found = stage.step, False
    if not trail.taken.keys() >= set(step.needs):
        yield from _from(place + stage.span, stages, sample, shelf, trail)
        return
    try:
        keys = step.takes(sample, trail.taken)
    except UsageError:
        return
    for take, key, _ in takes_there(keys, step.retry, shelf.answer):
        yield key
        found = True
        so_far = trail.on(step, Got(step.name, key, shelf.generation(key), take, None), ASSUMED)
        for following in _places_after(place, stage, sample):
            yield from _from(following, stages, sample, shelf, so_far)
    if not found:
        yield from _from(place + stage.span, stages, sample, shelf, trail)


def _places_after(place: int, stage: Stage, sample: Sample) -> Iterator[int]:
    """Where a sample may go on after an answer: a turn may have been the last one of its dialogue, by its text."""
    turn = stage.turn
    last = turn is not None and turn.is_last(sample.combination)
    if not last:
        yield place + 1
    if turn is not None and (last or turn.dialogue.until is not None):
        yield place + 1 + turn.later


class BeforeWithSteps:
    """A recipe of steps that was the last run's, as the inventory asks for it; only what is on this shelf counts."""

    def __init__(self, order: str, samples: Iterator[Sample], stages: Stages, shelf: Shelf) -> None:
        self.order, self._samples, self._stages, self._shelf = order, samples, stages, shelf

    def sample_keys(self) -> Iterator[str]:
        """The keys of all answers that belonged to it."""
        for sample in self._samples:
            yield from keys_of(self._stages, sample, self._shelf)
