"""What became of the answers of each step, in words: a line a step."""

from __future__ import annotations

from collections.abc import Iterator

from asyncsynth.store.funnel import Figures, StepFigures
from asyncsynth.text import count


def funnel(figures: Figures) -> Iterator[str]:
    """Like "story: 30 answers, 18 taken; rejected: 8 verdict, 4 words; 1 dead letter"."""
    for step, of_step in figures.items():
        yield f"{step}: {'; '.join(_parts(of_step))}"


def of_gates(figures: Figures | None, *, several: bool) -> Iterator[str]:
    """The same under its heading; `figures` None: of the `several` steps they are not known now."""
    if figures is None and several:
        yield "\nwhat the gates took of them is counted again by the next run"
    elif figures:
        yield "\nwhat the gates took of them"
        yield from (f"  {line}" for line in funnel(figures))


def _parts(step: StepFigures) -> Iterator[str]:
    yield f"{count(step.answers, 'answer')}, {step.taken:,} taken"
    if step.rejected:
        by_gate = sorted(step.rejected.items(), key=lambda one: -one[1])
        yield "rejected: " + ", ".join(f"{times:,} {gate}" for gate, times in by_gate)
    if step.given_up:
        yield f"{count(step.given_up, 'dead letter')}"
