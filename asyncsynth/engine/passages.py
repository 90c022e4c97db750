"""What happened at each step to the answers that are there: all takes of a sample are looked at."""

from __future__ import annotations

from collections.abc import Container, Iterator

from asyncsynth.engine.kept import Seen
from asyncsynth.engine.level import Ask, takes_there
from asyncsynth.engine.stage import Gathering, Got, Passed, Stage, Stages, are_side_by_side
from asyncsynth.engine.trail import Done, End, Trail
from asyncsynth.engine.way import rejected_by
from asyncsynth.errors import UsageError
from asyncsynth.store.funnel import Passage
from asyncsynth.store.keys import KeySet
from asyncsynth.values import Sample


class Passages:
    """Of sample after sample; an answer that several share is counted once, with the first of them.

    `new`: only what came with these answers is counted; None: with all.
    """

    def __init__(self, stages: Stages, kept: Seen, *, alike: bool, new: Container[str] | None = None) -> None:
        self._stages, self._kept, self._new = stages, kept, new
        self._lanes = {stage.step.name: stage.step.lane for stage in stages if isinstance(stage, Stage)}
        self._beside = are_side_by_side(stages)
        self._counted = KeySet() if alike else None
        self._rejected = KeySet() if alike else None

    def of(self, sample: Sample, state: Ask | End | None, found: int) -> Iterator[Passage]:
        """What happened to the answers of a sample in this state, on whose course so many of them were found."""
        if isinstance(state, Done) and found == len(state.trail.answers):
            for taken in state.trail.answers:
                yield from self._came(self._lanes[taken.got.step], taken.got)
        elif found or self._beside:
            yield from self._from(0, sample, Trail())

    def _from(self, place: int, sample: Sample, trail: Trail) -> Iterator[Passage]:
        if place == len(self._stages):
            return
        stage = self._stages[place]
        if isinstance(stage, Gathering):
            yield from self._from(place + 1, sample, trail.at_the_end_of(stage))
            return
        is_there = False
        for got in self._there(stage, sample, trail):
            is_there = True
            yield from self._came(stage.step.lane, got)
            passed = trail.look(stage, got, sample.combination)
            if isinstance(passed, Passed):
                following = place + 1 + stage.skipped(sample.combination, passed)
                yield from self._from(following, sample, trail.on(stage.step, got, passed))
            elif self._counts(got) and (self._rejected is None or self._rejected.add(got.key)):
                step, gate = rejected_by(stage.step.lane, passed)
                yield Passage(step, "rejected", gate)
        if self._beside and not is_there:
            yield from self._from(place + stage.span, sample, trail.without(stage.step))

    def _there(self, stage: Stage, sample: Sample, trail: Trail) -> Iterator[Got]:
        """All takes of a step that are there."""
        step, kept = stage.step, self._kept
        if not trail.taken.keys() >= set(step.needs):
            return
        try:
            keys = step.takes(sample, trail.taken)
        except UsageError:
            return
        for take, key, read in takes_there(keys, step.retry, kept.answer):
            yield Got(step.name, key, kept.generation(key), take, read)

    def _counts(self, got: Got) -> bool:
        return self._new is None or got.key in self._new

    def _came(self, lane: str, got: Got) -> Iterator[Passage]:
        if self._counts(got) and (self._counted is None or self._counted.add(got.key)):
            yield Passage(lane, "came")
