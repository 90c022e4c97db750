"""From a recipe to how its samples are made: what each step asks, and the gates that its answers have to pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from asyncsynth.app.forms import form_of
from asyncsynth.engine.belonging import BeforeWithSteps
from asyncsynth.engine.kept import Kept
from asyncsynth.engine.shelf import Before
from asyncsynth.engine.stage import Check, Gathering, Stage, Stages, Turn
from asyncsynth.engine.workflow import OneStep, Workflow
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.recipe.sources.source import Source
from asyncsynth.store.contents import Contents

if TYPE_CHECKING:
    from asyncsynth.recipe.dialogue import Dialogue
    from asyncsynth.recipe.step import Step
    from asyncsynth.recipe.steps_recipe import StepsRecipe

AnyRecipe: TypeAlias = "Recipe | StepsRecipe"


def workflow_of(recipe: AnyRecipe) -> Workflow:
    """How the samples of a recipe are made."""
    if isinstance(recipe, Recipe):
        return OneStep(recipe)
    from asyncsynth.engine.several_steps import SeveralSteps  # noqa: PLC0415 - most recipes have one step

    return SeveralSteps(recipe, stages_of(recipe))


def stages_of(recipe: StepsRecipe) -> Stages:
    """The steps, each with what becomes of its answers."""
    from asyncsynth.app.checks import check_of  # noqa: PLC0415 - most recipes have one step

    checks = {}
    for name, section in recipe.sections.items():
        for side in section.sides:
            checks[side.name] = check_of(side, recipe.schema_of(name))
    return [stage for step in recipe.steps for stage in _stages(recipe, step, checks)]


def _stages(
    recipe: StepsRecipe, step: Step | Dialogue, checks: Mapping[str, Check | None]
) -> Iterator[Stage | Gathering]:
    """A step, or the turns of a dialogue and what puts them together."""
    from asyncsynth.recipe.dialogue import Dialogue  # noqa: PLC0415 - most recipes have one step

    if isinstance(step, Dialogue):
        for number, turn in enumerate(step.turns):
            yield Stage(turn, checks.get(turn.lane), turn=Turn(step, number))
        yield Gathering(step)
    else:
        judges = recipe.sections[step.name].prompt.judge is not None
        yield Stage(step, checks.get(step.name), judges=judges)


def recipe_of_facts(facts: Mapping[str, Any], sources: Sequence[Source] = ()) -> AnyRecipe:
    """The recipe that these facts were made of. LookupError where it had a source that is none of these."""
    if "steps" in facts:
        from asyncsynth.recipe.steps_recipe import StepsRecipe  # noqa: PLC0415 - most recipes have one step

        return StepsRecipe.of_facts(facts, sources, form_of)
    return Recipe.of_facts(facts, sources)


def as_before(recipe: AnyRecipe, there: Contents) -> Before:
    """The recipe of the last run, as the inventory asks for it; of answers it needs no text."""
    if isinstance(recipe, Recipe):
        return recipe
    stages = [stage for step in recipe.steps for stage in _stages(recipe, step, {})]
    return BeforeWithSteps(recipe.order, recipe.samples(), stages, Kept(there, None))
