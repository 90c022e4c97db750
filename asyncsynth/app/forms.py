"""What the answers of a step are like: texts, structured answers by a schema, or a judge's grades by a rubric."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asyncsynth.config.config import StepSection
from asyncsynth.recipe.step import TEXT, Form
from asyncsynth.recipe.structured import structured
from asyncsynth.recipe.templates import Asked

if TYPE_CHECKING:
    from asyncsynth.quality.judging import Rubric


def schema_of(step: StepSection) -> Mapping[str, Any] | None:
    """The JSON Schema that every answer of a step must fit; None for texts. Raises ConfigError."""
    if step.prompt.judge is not None:
        return _rubric_of(step).schema.json_schema
    if step.prompt.structure is None:
        return None
    from asyncsynth.quality.structured import Schema  # noqa: PLC0415 - most recipes ask for texts

    return Schema.of(step.prompt.structure, Path(), f"{step.place}.schema").json_schema


def form_of(step: StepSection, schema: Mapping[str, Any] | None) -> Form:
    """The form of a step whose answers must fit this schema."""
    if step.prompt.dialogue is not None:
        from asyncsynth.recipe.dialogue import example_of as dialogue_of  # noqa: PLC0415 - few steps are dialogues

        return Form(dialogue_of)
    if schema is None:
        return TEXT
    from asyncsynth.quality.examples import example_of  # noqa: PLC0415 - most recipes ask for texts

    def stand_in(name: str) -> Any:
        return structured(example_of(schema, name))

    if step.prompt.judge is None:
        return Form(stand_in)
    rubric = _rubric_of(step)

    def dressed(asked: Asked, judged: str) -> Asked:
        system, request = rubric.asked(asked.text, judged)
        return Asked(request, system if asked.system is None else f"{asked.system}\n\n{system}")

    return Form(stand_in, dressed)


def _rubric_of(step: StepSection) -> Rubric:
    from asyncsynth.quality.judging import Rubric  # noqa: PLC0415 - most recipes have no judge

    return Rubric.of(step.prompt.rubric or {}, f"{step.place}.rubric")
