"""An order of sending in which samples follow each other that begin alike; they and their keys are the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from hashlib import sha256

from asyncsynth.recipe.axis import label
from asyncsynth.values import Sample


class Grouping:
    """Samples that have the same values on the axes of these `names` come one after the other."""

    def __init__(
        self, names: tuple[str, ...], order: str, samples: Callable[[int], Iterator[tuple[bool, Sample]]]
    ) -> None:
        self._names = names
        self.order = sha256(f"{order}/{sorted(names)}".encode()).hexdigest()[: len(order)]
        self.samples = samples  # every sample but the first so many, each with whether a group begins with it

    def of(self, sample: Sample) -> Hashable:
        """What the samples of a group have in common."""
        return tuple(label(sample.combination[name]) for name in self._names)
