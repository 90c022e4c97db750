"""Takes answers out, so that the next run makes them anew under a new UUID; what they cost stays on the bill."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from asyncsynth.app.job import Job
from asyncsynth.app.outside import Outside
from asyncsynth.app.where import Holds, Where, check_axes, check_values
from asyncsynth.app.where import holds as holds_where
from asyncsynth.app.workflows import workflow_of
from asyncsynth.config.record import FACT_NAMES
from asyncsynth.errors import UsageError
from asyncsynth.outputs.marks import failed, read_marks
from asyncsynth.store.contents import Contents
from asyncsynth.store.keys import FEWEST_DIGITS
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import open_store

KEY_DIGITS = 32


class Selection(Struct, frozen=True):
    """Which answers: by keys or their first digits, those of records that meet all conditions and have this text, or
    those that a file marks as failed.
    """

    keys: tuple[str, ...] = ()
    where: tuple[Where, ...] = ()
    match: str | None = None  # in any text of the training example
    marks: Path | None = None


def drop(directory: Path, selection: Selection, *, dry_run: bool = False, outside: Outside | None = None) -> int:
    """How many answers were dropped, or would be. Raises UsageError for a key or an axis that is not there."""
    outside = outside or Outside()
    keys = _chosen(read_store(directory, files=outside.files), selection)
    return len(keys) if dry_run else _drop(directory, keys, outside)


def drop_stale(job: Job, *, dry_run: bool = False, outside: Outside | None = None) -> int:
    """The same for all answers that belong to no sample of the job's recipe, as it is now."""
    outside, directory = outside or Outside(), Path(job.config.output.directory)
    there = read_store(directory, files=outside.files)
    belonging = workflow_of(job.recipe).belonging(there)
    keys = {key for key in there.answered if key not in belonging}
    return len(keys) if dry_run else _drop(directory, keys, outside)


def _drop(directory: Path, keys: Collection[str], outside: Outside) -> int:
    if not keys:
        return 0
    with open_store(directory, now=outside.now, files=outside.files, make=False) as store:
        return store.drop(keys)


def _chosen(there: Contents, selection: Selection) -> set[str]:
    if selection.keys:
        return set(_whole_keys(there, selection.keys))
    if selection.marks is not None:  # some of them may be dropped already, and of some the samples were given up on
        return {key for key in failed(read_marks(selection.marks)) if key in there.answered}
    wanted = [holds_where(each) for each in selection.where]
    if selection.match is not None:
        wanted.append(_has_text(selection.match))
    known: dict[str, Any] = {}
    chosen = set()
    for record in there.records():
        known |= record["combination"]
        if record["key"] in there.answered and all(holds(record) for holds in wanted):
            chosen.add(record["key"])
    check_axes(selection.where, known)
    if not chosen:
        check_values(selection.where, there.records())
    return chosen


def _whole_keys(there: Contents, given: Collection[str]) -> Iterable[str]:
    for begin in given:
        digits = begin.strip().lower()
        if not digits or any(digit not in "0123456789abcdef" for digit in digits) or len(digits) > KEY_DIGITS:
            hint = f"keys have {KEY_DIGITS} hex digits and are in records.jsonl; nothing was dropped"
            raise UsageError(f"{begin!r} is not a key", hint=hint)
        if len(digits) < FEWEST_DIGITS:
            raise UsageError(f"{begin}: give at least {FEWEST_DIGITS} digits of a key", hint="nothing was dropped")
        found = [digits] if len(digits) == KEY_DIGITS else there.answered.beginning(digits)
        if not found or found[0] not in there.answered:
            raise UsageError(f"{begin}: no answer has this key", hint="keys are in records.jsonl; nothing was dropped")
        if len(found) > 1:
            raise UsageError(
                f"{begin}: {len(found)} keys begin like that", hint="give more digits; nothing was dropped"
            )
        yield found[0]


def _has_text(text: str) -> Holds:
    return lambda record: any(_holds(field, text) for name, field in record.items() if name not in FACT_NAMES)


def _holds(field: Any, text: str) -> bool:
    """Whether the text is in a field of the training example, also within the turns of a dialogue."""
    if isinstance(field, str):
        return text in field
    parts = field.values() if isinstance(field, Mapping) else field if isinstance(field, list) else ()
    return any(_holds(part, text) for part in parts)
