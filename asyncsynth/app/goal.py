"""How many samples a recipe shall come to: what a run notes of itself, and what a report counts its records against."""

from __future__ import annotations

from asyncsynth.app.workflows import AnyRecipe
from asyncsynth.recipe.recipe import Recipe


def goal(recipe: AnyRecipe, records: int) -> int:
    """Samples in all, well or not; where the recipe goes on until so many are accepted, that many.

    Never fewer than the `records` that are there: a limit may have been lowered since.
    """
    possible = min(recipe.limit or recipe.total, recipe.total)
    accepted = 0 if isinstance(recipe, Recipe) else recipe.accepted
    return max(min(accepted or possible, possible), records)
