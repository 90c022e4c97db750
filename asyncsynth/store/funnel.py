"""What becomes of the answers of each step, counted with the views: how many came, and how many each gate rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct


class Passage(Struct, frozen=True, gc=False):
    """Something that happened at a step: an answer came, `gate` rejected one, or a sample was given up on."""

    step: str
    event: Literal["came", "rejected", "given_up"]
    gate: str = ""


class StepFigures(Struct, frozen=True):
    """Of one step: its answers, those that were rejected by gate, and the samples that were given up on at it."""

    answers: int = 0
    rejected: Mapping[str, int] = {}
    given_up: int = 0

    @property
    def taken(self) -> int:
        """Answers that nothing has rejected."""
        return self.answers - sum(self.rejected.values())


Figures = Mapping[str, StepFigures]  # by step; empty where a recipe's only step takes every answer
NO_FIGURES: Figures = MappingProxyType({})


class Funnel:
    """Counts passages; begins with the figures of those that were counted before."""

    def __init__(self, figures: Figures = NO_FIGURES) -> None:
        self._passages = Counter[Passage]()
        for step, before in figures.items():
            self._passages[Passage(step, "came")] = before.answers
            self._passages[Passage(step, "given_up")] = before.given_up
            for gate, times in before.rejected.items():
                self._passages[Passage(step, "rejected", gate)] = times

    def add(self, passages: Iterable[Passage]) -> None:
        self._passages.update(passages)

    @property
    def figures(self) -> Figures:
        """Of every step at which something happened."""
        by_gate: dict[str, dict[str, int]] = {passage.step: {} for passage in self._passages}
        for passage, times in self._passages.items():
            if passage.event == "rejected":
                by_gate[passage.step][passage.gate] = times
        passages = self._passages
        return {
            step: StepFigures(passages[Passage(step, "came")], rejected, passages[Passage(step, "given_up")])
            for step, rejected in by_gate.items()
        }


def in_order(figures: Figures, facts: Mapping[str, Any] | None) -> Figures:
    """Those of the steps that the facts of a recipe name, in their order; of a dialogue its sides."""
    of_sides = [(name.partition(".")[0], name) for name in figures]
    return {name: figures[name] for step in (facts or {}).get("steps", ()) for of, name in of_sides if of == step}


def figures_line(figures: Figures) -> dict[str, Any]:
    """As a line of the manifest tells them."""
    return {step: (each.answers, dict(each.rejected), each.given_up) for step, each in figures.items()}


def figures_of(line: Mapping[str, Any]) -> Figures:
    """From there. TypeError, AttributeError where it tells none."""
    return {step: StepFigures(answers, dict(gates), given_up) for step, (answers, gates, given_up) in line.items()}
