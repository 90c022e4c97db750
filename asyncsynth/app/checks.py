"""What becomes of a step's answers, put together from its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.config.config import StepSection
from asyncsynth.engine.stage import Check, Passed, Rejection, SentBack
from asyncsynth.recipe.condition import Condition
from asyncsynth.store.answers import StoredAnswer


def check_of(step: StepSection) -> Check | None:
    """None where every answer is taken as it comes."""
    if step.prompt.judges_nothing:
        return None
    return StepCheck(step)


class StepCheck:
    """The gates of a step, cheapest first."""

    def __init__(self, step: StepSection) -> None:
        self._name = step.name
        keep = step.prompt.keep
        self._keep = None if keep is None else Condition(keep, f"{step.place}.keep")
        self._words = keep

    def look(self, answer: StoredAnswer, values: Mapping[str, Any]) -> Passed | Rejection | SentBack:
        """What becomes of an answer; UsageError where `keep` says nothing of it."""
        text = answer.text
        if self._keep is not None and not self._keep.holds({**values, self._name: text}):
            return Rejection("keep", f"does not meet: {self._words}")
        return Passed(lambda: text)
