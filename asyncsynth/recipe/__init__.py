"""WHAT to make: the samples of a recipe in their order, the request of each, and the training example of its answer."""

from asyncsynth.recipe.check import check
from asyncsynth.recipe.differences import differences
from asyncsynth.recipe.recipe import Recipe

__all__ = ["Recipe", "check", "differences"]
