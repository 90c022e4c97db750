"""The records of the present recipe, read from a directory without a lock and without changing it.

They stand in records.jsonl. Where that is not what the recipe makes of the answers, they are rendered anew, in passing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from asyncsynth.app.outside import Outside
from asyncsynth.app.workflows import AnyRecipe, recipe_of_facts, workflow_of
from asyncsynth.errors import UsageError
from asyncsynth.store.encoding import decode
from asyncsynth.store.funnel import Figures
from asyncsynth.store.records_view import RecordsView
from asyncsynth.store.snapshot import Snapshot, read_store
from asyncsynth.text import count


class Present(Struct, frozen=True):
    """`pieces` reads them, the same each time: whole lines with their newlines, one or many at a time.

    `notes` tell people what they should know of them; `funnel`: what became of the answers of each step.
    """

    pieces: Callable[[], Iterator[bytes]]
    notes: tuple[str, ...]
    funnel: Callable[[], Figures]

    def records(self) -> Iterator[dict[str, Any]]:
        """The same one by one."""
        for piece in self.pieces():
            yield from filter(None, map(decode, piece.split(b"\n")))


@contextlib.contextmanager
def present_records(directory: Path, recipe: AnyRecipe | None, outside: Outside | None = None) -> Iterator[Present]:
    """The records that the recipe makes of what is there; without one, those of the recipe of the newest run.

    Raises UsageError where there is none, StoreDamaged, StoreWriteFailed.
    """
    there = read_store(directory, files=(outside or Outside()).files)
    if not there.answered:
        raise UsageError(f"{directory}: there is no answer, so there is nothing to export", hint="asyncsynth run")
    with present_in(there, recipe) as present:
        yield present


@contextlib.contextmanager
def present_in(there: Snapshot, recipe: AnyRecipe | None) -> Iterator[Present]:
    """The same of a directory that was read, in which there are answers."""
    with contextlib.ExitStack() as stack:
        view = stack.enter_context(there.open_view())
        why = _why_out_of_date(there, view, recipe)
        if view is not None and why is None:
            notes = ("a run is at work: what it adds from now on is left out",) if there.running else ()
            yield Present(view.pieces, notes, lambda: there.views.funnel)
            return
        recipe = recipe or recipe_of_newest_run(there)
        workflow = workflow_of(recipe)
        notes = (f"{why}; the examples are rendered from the answers, and no call is sent",)
        yield Present(lambda: workflow.rendered(there), notes, lambda: workflow.funnel(there))


def makes_any(recipe: AnyRecipe, directory: Path) -> bool:
    """Whether any answer that is there makes a record of this recipe; True where there is none at all.

    Raises StoreDamaged, StoreWriteFailed.
    """
    there = read_store(directory)
    if not there.answered or there.views.recipe == recipe.fingerprint:
        return True
    return next(iter(workflow_of(recipe).rendered(there)), None) is not None


def _why_out_of_date(there: Snapshot, view: RecordsView | None, recipe: AnyRecipe | None) -> str | None:
    """Why records.jsonl is not what the recipe makes of the answers; None where it is."""
    if view is None:
        return "records.jsonl is not there or in doubt"
    if recipe is not None and there.views.recipe != recipe.fingerprint:
        return "the config has changed since records.jsonl was made"
    if not there.running and (missing := len(there.new_answers)):
        return f"records.jsonl lacks {count(missing, 'answer')} of a run that was cut off"
    return None if view.holds() else "records.jsonl was changed by somebody else, or lost its end"


def recipe_of_newest_run(there: Snapshot) -> AnyRecipe:
    """From the facts that the manifest keeps, so without its limit. Raises UsageError where it keeps none."""
    if there.last_facts is None:
        raise UsageError(
            f"{there.directory}: the recipe of these answers is not known any more",
            hint="asyncsynth export --config FILE renders them by that config",
        )
    return recipe_of_facts(there.last_facts)
