"""What was sent for samples that are there: their requests, rendered anew from the recipe and the answers they have."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from asyncsynth.app.workflows import AnyRecipe
from asyncsynth.errors import UsageError
from asyncsynth.outputs.survey.choosing import Line
from asyncsynth.outputs.survey.samples import Asked, AskedBySteps
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.recipe.structured import structured
from asyncsynth.store.encoding import encode
from asyncsynth.values import Sample

if TYPE_CHECKING:
    from asyncsynth.config.config import StepSection
    from asyncsynth.recipe.steps_recipe import StepsRecipe

_TAKES = 100  # that are tried for a line that does not say of which take its answer is


def asked_for(recipe: AnyRecipe | None, lines: Sequence[Line]) -> list[AskedBySteps]:
    """For each of these records and failures the requests by step, as far as the recipe has them."""
    if recipe is None:
        return [{} for _ in lines]
    if isinstance(recipe, Recipe):
        return _of_one_step(recipe, lines)
    return _of_steps(recipe, lines)


def place_of(line: Mapping[str, Any]) -> bytes:
    """What tells the samples of a recipe apart, as their lines show them."""
    return encode({"combination": line["combination"], "repeat": line["repeat"]})


def _of_one_step(recipe: Recipe, lines: Sequence[Line]) -> list[AskedBySteps]:
    generations = {line["key"]: line.get("generation") or 0 for line in lines}
    found: dict[str, AskedBySteps] = {}
    for sample in recipe.samples() if generations else ():
        if sample.key in generations and sample.key not in found:
            with contextlib.suppress(UsageError):
                request = recipe.request(sample, generations[sample.key])
                found[sample.key] = {request.step: Asked(request.text, request.system)}
            if len(found) == len(generations):
                break
    return [found.get(line["key"], {}) for line in lines]


def _of_steps(recipe: StepsRecipe, lines: Sequence[Line]) -> list[AskedBySteps]:
    places = [place_of(line) for line in lines]
    by_place = dict(zip(places, lines, strict=True))
    found: dict[bytes, AskedBySteps] = {}
    for sample in recipe.samples() if lines else ():
        place = place_of({"combination": recipe.columns(sample.combination), "repeat": sample.repeat})
        if place in by_place and sample.problem is None:
            found[place] = dict(_requests(recipe, sample, by_place[place]))
            if len(found) == len(by_place):
                break
    return [found.get(place, {}) for place in places]


def _requests(recipe: StepsRecipe, sample: Sample, line: Line) -> Iterator[tuple[str, Asked]]:
    """As far as the line has the answers that they are made from."""
    told = line.get("steps") or _first_step(recipe, sample, line)
    values: dict[str, Any] = {}
    for step in recipe.steps:
        for one in step.asks:
            if one.name not in told or not values.keys() >= set(one.needs):
                continue
            answer = told[one.name]
            if not (one.shows_reason and answer["take"]):  # what was said of the answer before is kept nowhere
                with contextlib.suppress(UsageError):
                    of_answer = Sample(answer["key"], sample.combination, sample.repeat)
                    request = one.request(of_answer, values, take=answer["take"], generation=answer["generation"])
                    yield one.name, Asked(request.text, request.system)
            if "text" in answer:
                values[one.name] = _value(recipe.sections[step.name], answer)
        if any(one.name in values for one in step.asks):
            values[step.name] = step.value_of(values)


def _first_step(recipe: StepsRecipe, sample: Sample, line: Line) -> dict[str, dict[str, Any]]:
    """The answer of a line that tells of no steps, if the first step made it."""
    step = recipe.steps[0].first
    with contextlib.suppress(UsageError):
        keys = step.takes(sample, {})
        take = next((take for take in range(_TAKES) if keys(take) == line["key"]), None)
        if take is not None:
            return {step.name: {"key": line["key"], "take": take, "generation": line.get("generation") or 0}}
    return {}


def _value(section: StepSection, answer: Mapping[str, Any]) -> Any:
    """What templates see of an answer, from what a record tells of it."""
    for name in ("value", "scores"):
        if name in answer:
            return structured(answer[name])
    if not section.prompt.clean:
        return answer["text"]
    from asyncsynth.quality.cleaning import Cleaning  # noqa: PLC0415 - most recipes clean nothing

    return Cleaning(section.prompt.clean).cleaned(answer["text"])
