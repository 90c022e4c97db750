"""How many samples a recipe has, and where their values stand: the same for one step and for several."""

from __future__ import annotations

from asyncsynth.config import Combinations
from asyncsynth.config.sources import Axes
from asyncsynth.recipe.sources.source import Source
from asyncsynth.recipe.space import Space


class Sampled:
    """What every recipe tells of its samples, whatever they ask."""

    _axes: Axes
    _combinations: Combinations
    _space: Space

    @property
    def sources(self) -> list[Source]:
        """The axes whose values stand in files."""
        return [axis for axis in self._axes.values() if isinstance(axis, Source)]

    @property
    def combinations(self) -> int:
        """How many combinations there are, excluded ones taken off; exact."""
        return self._space.combinations

    @property
    def total(self) -> int:
        """How many samples there are, limit aside: combinations x repeats."""
        return self._space.total

    @property
    def limit(self) -> int:
        """How many samples are wanted in all; 0: all of them."""
        return self._combinations.limit
