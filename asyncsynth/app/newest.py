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
    answers = there.newest_answers(NEWEST, main_step(there.last_facts))
    if len(answers) < FEWEST:
        return None
    seen = [Seen(answer["text"], answer["finish_reason"]) for answer in answers]
    combinations = [record["combination"] for record in there.newest_records(NEWEST)]
    return newest_of(seen, combinations, axis_sizes(there.last_facts))
