"""From rows, which the recipe renders, to lines of the views; the same for answers that come and that are there."""

from __future__ import annotations

from collections.abc import Sequence

from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.failures import dead_letter_line, unrendered_line
from asyncsynth.store.records import record_line
from asyncsynth.store.views import Lines
from asyncsynth.values import Row


def answer_lines(answer: StoredAnswer, rows: Sequence[Row]) -> Lines:
    """What an answer brings to the views."""
    if len(rows) == 1 and rows[0].problem is None:
        return Lines((record_line(rows[0], answer),))
    records = [record_line(row, answer) for row in rows if row.problem is None]
    failures = [unrendered_line(row, answer) for row in rows if row.problem is not None]
    return Lines(records, failures, unrendered=len(failures))


def dead_letter_lines(letter: DeadLetter, rows: Sequence[Row]) -> Lines:
    """What a dead letter brings to the views."""
    return Lines((), [dead_letter_line(letter, row) for row in rows])
