"""From the end of a course to what becomes a record or a line of failures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from asyncsynth.engine.course import Done, Failed, Taken
from asyncsynth.engine.stage import Stage, Stages
from asyncsynth.errors import UsageError
from asyncsynth.values import Finished, Rejected, Row, Sample, StepAnswer, Value


class Fields(Protocol):
    """What the recipe renders for a record."""

    def columns(self, combination: Mapping[str, Value]) -> Mapping[str, Any]: ...
    def fields(self, sample: Sample, answers: Mapping[str, Any]) -> Mapping[str, Any]: ...


def finished(recipe: Fields, stages: Stages, sample: Sample, end: Done) -> Finished:
    """The record of a sample, or why it can't be rendered."""
    judges = {stage.step.name for stage in stages if isinstance(stage, Stage) and stage.judges}
    answers = tuple(map(_kept, end.answers))
    main = max((place for place, answer in enumerate(answers) if answer.step not in judges), default=0)
    columns = recipe.columns(sample.combination)
    try:
        row = Row(
            columns,
            sample.repeat,
            recipe.fields(Sample(answers[main].key, sample.combination, sample.repeat), end.values),
        )
    except UsageError as error:
        row = Row(columns, sample.repeat, {}, error.message)
    return Finished(row, answers, main)


def rejected(recipe: Fields, sample: Sample, end: Failed) -> Rejected:
    """The line of a sample all of whose answers to a step were rejected."""
    row = Row(recipe.columns(sample.combination), sample.repeat, {})
    key, told = sample.key, b""
    if end.last is not None and end.last.read is not None:
        key, told = end.last.key, end.last.read().told
    return Rejected(row, end.lane, key, end.rejection.gate, f"{end.step}: {end.rejection.why}", end.takes, told)


def _kept(taken: Taken) -> StepAnswer:
    read = taken.got.read
    assert read is not None
    answer = read()
    return StepAnswer(
        taken.step, taken.got.key, taken.got.take, answer.text, answer.told, taken.passed.flags, taken.passed.shown
    )
