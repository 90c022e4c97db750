"""What the newest answers of a directory are like."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.app.outside import Outside
from asyncsynth.quality.newest import Newest, Seen, newest_of
from asyncsynth.quality.window import FEWEST, NEWEST
from asyncsynth.recipe.axis_sizes import axis_sizes
from asyncsynth.recipe.main_step import main_step
from asyncsynth.store.snapshot import read_store


def newest(directory: Path, *, outside: Outside | None = None) -> Newest | None:
    """The figures; None where there are too few answers. Raises StoreDamaged, StoreWriteFailed."""
    there = read_store(directory, files=(outside or Outside()).files)
    answers, records = there.newest_answers(NEWEST, main_step(there.last_facts)), there.newest_records(NEWEST)
    if there.views.funnel:  # what gates rejected is in no record, and a run at work does not count it either
        taken = {record["key"] for record in records}
        answers = [answer for answer in answers if answer["key"] in taken]
    if len(answers) < FEWEST:
        return None
    seen = [Seen(answer["text"], answer["finish_reason"]) for answer in answers]
    combinations = [record["combination"] for record in records]
    return newest_of(seen, combinations, axis_sizes(there.last_facts))
