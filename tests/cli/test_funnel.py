"""What became of the answers of each step, in words."""

from __future__ import annotations

from asyncsynth.cli.funnel import funnel
from asyncsynth.store.funnel import StepFigures


def test_a_step_has_a_line_with_the_gates_that_took_most_first() -> None:
    figures = {"outline": StepFigures(1), "story": StepFigures(1030, {"words": 4, "verdict": 8}, 1)}
    assert list(funnel(figures)) == [
        "outline: 1 answer, 1 taken",
        "story: 1,030 answers, 1,018 taken; rejected: 8 verdict, 4 words; 1 dead letter",
    ]
