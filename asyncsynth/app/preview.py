"""What would be sent and kept for the first samples; sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from asyncsynth.app.workflows import AnyRecipe
from asyncsynth.engine.missing import asked
from asyncsynth.engine.rows import row_of
from asyncsynth.errors import UsageError
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import Sample

if TYPE_CHECKING:
    from asyncsynth.recipe.steps_recipe import StepsRecipe

COMPLETION = "<the answer>"  # stands for what the model will write


class Said(Struct, frozen=True):
    """What one step of a sample would send."""

    step: str
    system: str | None
    request: str


class Preview(Struct, frozen=True):
    """One sample: its requests, and the fields of its record; `problem` where one of them can't be rendered.

    `headed`: the steps, and sides of dialogues, whose further takes have a line more.
    """

    key: str
    said: tuple[Said, ...]
    fields: Mapping[str, Any]
    problem: str | None = None
    headed: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"=== {self.key} ==="]
        if self.problem is not None:
            parts.append(f"--- can't be rendered\n{self.problem}")
        for said in self.said:
            of = f" of {said.step}" if len(self.said) > 1 else ""
            if said.system is not None:
                parts.append(f"--- system{of}\n{said.system}")
            parts.append(f"--- request{of}\n{said.request}")
        if self.headed:
            parts.append(f"--- when asked again\n{', '.join(self.headed)}: a line with a new UUID goes before the rest")
        return "\n".join([*parts, *sections_of(self.fields)])


def sections_of(fields: Mapping[str, Any], *, completion: str = "completion") -> Iterator[str]:
    """The fields of a record, each under its name, for people to read."""
    names = {"prompt": "training prompt", "completion": completion}
    for name, value in fields.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
        yield f"--- {names.get(name, name)}\n{text}"


def preview(recipe: AnyRecipe, samples: int) -> Iterator[Preview]:
    """The first so many samples, in the order in which they will be made."""
    if isinstance(recipe, Recipe):
        return (_of_one_step(recipe, sample) for sample in islice(recipe.samples(), samples))
    return (_of_steps(recipe, sample) for sample in islice(recipe.samples(), samples))


def _of_one_step(recipe: Recipe, sample: Sample) -> Preview:
    request = asked(recipe, sample)
    if isinstance(request, Sample):
        return Preview(sample.key, (), {}, request.problem)
    row = row_of(recipe, sample, COMPLETION)
    return Preview(sample.key, (Said(request.step, request.system, request.text),), row.fields, row.problem)


def _of_steps(recipe: StepsRecipe, sample: Sample) -> Preview:
    if sample.problem is not None:
        return Preview(sample.key, (), {}, sample.problem)
    answers: dict[str, Any] = {}
    said = []
    try:
        for step in recipe.steps:
            for one in step.asks_of(sample):
                request = one.request(sample, answers, take=0, generation=0)
                said.append(Said(one.name, request.system, request.text))
                answers[one.name] = one.stand_in(f"<the answer of {one.name}>")
            answers[step.name] = step.value_of(answers)
        headed = dict.fromkeys(one.lane for step in recipe.steps for one in step.asks if one.retry and not one.has_uuid)
        return Preview(sample.key, tuple(said), recipe.fields(sample, answers), headed=tuple(headed))
    except UsageError as error:
        return Preview(sample.key, tuple(said), {}, error.message)
