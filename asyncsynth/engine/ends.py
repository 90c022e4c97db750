"""From the end of a course to what becomes a record or a line of failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from asyncsynth.engine.stage import Got, Passed, Stage, Stages
from asyncsynth.engine.trail import Done, Failed, Taken
from asyncsynth.errors import UsageError
from asyncsynth.values import Finished, Rejected, Row, Sample, StepAnswer, Value


class Fields(Protocol):
    """What the recipe renders for a record."""

    def columns(self, combination: Mapping[str, Value]) -> Mapping[str, Any]: ...
    def fields(self, sample: Sample, answers: Mapping[str, Any]) -> Mapping[str, Any]: ...


class Ends:
    """The ends of the samples of a recipe with these stages."""

    def __init__(self, recipe: Fields, stages: Stages) -> None:
        self._recipe = recipe
        self._judges = frozenset(stage.step.name for stage in stages if isinstance(stage, Stage) and stage.judges)

    def of(self, sample: Sample, end: Done | Failed) -> Finished | Rejected:
        """What becomes of a sample whose course came to this end."""
        return self._finished(sample, end) if isinstance(end, Done) else self._rejected(sample, end)

    def without_fields(self, sample: Sample) -> Row:
        """What a line of failures shows of a sample."""
        return Row(self._recipe.columns(sample.combination), sample.repeat, {})

    def _finished(self, sample: Sample, end: Done) -> Finished:
        """The record of a sample, or why it can't be rendered."""
        answers = _kept(end.trail.answers)
        main = len(answers) - 1
        while main and answers[main].step in self._judges:
            main -= 1
        combination, repeat = sample.combination, sample.repeat
        columns = self._recipe.columns(combination)
        try:
            fields = self._recipe.fields(Sample(answers[main].key, combination, repeat), end.trail.values)
        except UsageError as error:
            return Finished(Row(columns, repeat, {}, error.message), answers, main)
        return Finished(Row(columns, repeat, fields), answers, main)

    def _rejected(self, sample: Sample, end: Failed) -> Rejected:
        """The line of a sample all of whose answers to a step were rejected."""
        rejection, last = end.rejection, None
        if end.last is not None and end.last.read is not None:
            last = _as_kept(end.last, Passed(end.last.text))
        row, why = self.without_fields(sample), f"{end.step}: {rejection.why}"
        return Rejected(row, end.lane, sample.key, rejection.gate, why, end.takes, _kept(end.answers), last)


def _kept(answers: Iterable[Taken]) -> tuple[StepAnswer, ...]:
    return tuple([_as_kept(taken.got, taken.passed) for taken in answers])


def _as_kept(got: Got, passed: Passed) -> StepAnswer:
    assert got.read is not None
    answer = got.read()
    return StepAnswer(got.step, got.key, got.take, answer.text, answer.told, passed.flags, passed.shown, answer.paid)
