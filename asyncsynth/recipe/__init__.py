"""WHAT to make: the samples of a recipe in their order, and the request and training prompt of each."""

from asyncsynth.recipe.differences import differences
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.recipe.templates import check

__all__ = ["Recipe", "check", "differences"]
