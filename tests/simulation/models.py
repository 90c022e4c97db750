"""The model of a recipe."""

from __future__ import annotations

from asyncsynth.app.job import Job
from asyncsynth.recipe.recipe import Recipe
from tests.simulation.model import Model
from tests.simulation.one_step_model import OneStepModel
from tests.simulation.steps_model import StepsModel
from tests.simulation.steps_wish import StepsWish
from tests.simulation.wish import Wanted


def model_of(wish: Wanted, job: Job) -> Model:
    """`job` is the one of this wish."""
    if isinstance(job.recipe, Recipe):
        return OneStepModel(job.recipe)
    assert isinstance(wish, StepsWish)
    return StepsModel(job.recipe, wish)
