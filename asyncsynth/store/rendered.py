"""From rows, which the recipe renders, to lines of the views; the same for answers that come and that are there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.failures import dead_letter_line, rejected_line, unrendered_line
from asyncsynth.store.funnel import Passage
from asyncsynth.store.records import answer_of_steps, record_line, steps_record_line
from asyncsynth.store.views import Lines
from asyncsynth.values import ONLY_STEP, Finished, Rejected, Row


def answer_lines(answer: StoredAnswer, rows: Sequence[Row]) -> Lines:
    """What an answer brings to the views."""
    if len(rows) == 1 and rows[0].problem is None:
        return Lines((record_line(rows[0], answer),))
    records = [record_line(row, answer) for row in rows if row.problem is None]
    failures = [unrendered_line(row, answer) for row in rows if row.problem is not None]
    return Lines(records, failures, unrendered=len(failures))


@cache
def step_answer_lines(step: str) -> Lines:
    """What an answer of one of several steps brings by itself."""
    return Lines(passages=(Passage(step, "came"),))


def course_lines(end: Finished | Rejected) -> Lines:
    """What the end of a sample of several steps brings to the views."""
    if isinstance(end, Rejected):
        return Lines((), [rejected_line(end)], passages=(Passage(end.step, "given_up"),))
    if end.row.problem is not None:
        return Lines((), [unrendered_line(end.row, answer_of_steps(end))], unrendered=1)
    return Lines([steps_record_line(end)])


def dead_letter_lines(letter: DeadLetter, rows: Sequence[Row], step: str | None = None) -> Lines:
    """What a dead letter brings to the views; `step` as of a GivenUp."""
    lines = [dead_letter_line(letter, row, step or ONLY_STEP) for row in rows]
    return Lines((), lines, passages=() if step is None else (Passage(step, "given_up"),) * len(lines))
