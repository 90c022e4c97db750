"""From a recipe to how its samples are made: what each step asks, and the gates that its answers have to pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from asyncsynth.app.forms import form_of
from asyncsynth.engine.belonging import BeforeWithSteps
from asyncsynth.engine.kept import Kept
from asyncsynth.engine.shelf import Before
from asyncsynth.engine.stage import Stage
from asyncsynth.engine.workflow import OneStep, Workflow
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.recipe.sources.source import Source
from asyncsynth.store.contents import Contents

if TYPE_CHECKING:
    from asyncsynth.recipe.steps_recipe import StepsRecipe

AnyRecipe: TypeAlias = "Recipe | StepsRecipe"


def workflow_of(recipe: AnyRecipe) -> Workflow:
    """How the samples of a recipe are made."""
    if isinstance(recipe, Recipe):
        return OneStep(recipe)
    from asyncsynth.engine.several_steps import SeveralSteps  # noqa: PLC0415 - most recipes have one step

    return SeveralSteps(recipe, stages_of(recipe))


def stages_of(recipe: StepsRecipe) -> tuple[Stage, ...]:
    """The steps, each with what becomes of its answers."""
    from asyncsynth.app.checks import check_of  # noqa: PLC0415 - most recipes have one step

    stages = []
    for step in recipe.steps:
        section = recipe.sections[step.name]
        check = check_of(section, recipe.schema_of(step.name))
        stages.append(Stage(step, check, judges=section.prompt.judge is not None))
    return tuple(stages)


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
    stages = [Stage(step) for step in recipe.steps]
    return BeforeWithSteps(recipe.order, recipe.samples(), stages, Kept(there, None))
