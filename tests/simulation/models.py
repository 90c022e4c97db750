"""The model of a recipe."""

from __future__ import annotations

from functools import lru_cache

from asyncsynth.app.job import Job
from asyncsynth.app.workflows import AnyRecipe
from asyncsynth.recipe.recipe import Recipe
from tests.simulation.model import Model
from tests.simulation.one_step_model import OneStepModel
from tests.simulation.steps_model import StepsModel
from tests.simulation.steps_wish import StepsWish
from tests.simulation.wish import Wanted


def model_of(wish: Wanted, job: Job) -> Model:
    """`job` is the one of this wish."""
    return _model_of(wish, job.recipe)


@lru_cache(16)
def _model_of(wish: Wanted, recipe: AnyRecipe) -> Model:
    if isinstance(recipe, Recipe):
        return OneStepModel(recipe)
    assert isinstance(wish, StepsWish)
    return StepsModel(recipe, wish)
