"""The plan of a run: what it would make, cost and take; sends nothing and changes nothing."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from asyncsynth.app.changes import changes_since, recipe_before
from asyncsynth.app.forecast import Forecast, forecast_of
from asyncsynth.app.job import Job
from asyncsynth.app.outside import Outside
from asyncsynth.app.shared_prompts import caching_note
from asyncsynth.app.too_long import too_long
from asyncsynth.app.workflows import workflow_of
from asyncsynth.engine.inventory import Inventory
from asyncsynth.store.snapshot import read_store
from asyncsynth.text import count


class Plan(Struct, frozen=True):
    """Counts, and the forecast for what is missing.

    `changes` since the last run are told where answers would be left behind; `notes` say what is to be known besides.
    """

    directory: str
    combinations: int
    samples: int  # that the recipe has, and the limit lets be made
    inventory: Inventory
    forecast: Forecast
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"{count(self.combinations, 'combination')}, {count(self.samples, 'sample')} -> {self.directory}",
            self.inventory.in_words,
            *self.forecast.lines(),
            *(f"note:   {note}" for note in self.notes),
        ]
        if self.changes:
            left = count(self.inventory.newly_left, "paid answer")
            lines += [
                "",
                f"The recipe has changed; {left} would be left behind:",
                *(f"  {line}" for line in self.changes),
            ]
        return "\n".join([*lines, "nothing was sent."])


def plan(job: Job, *, outside: Outside | None = None) -> Plan:
    """What `run` would do now. Raises StoreDamaged and the like where the directory can't be read."""
    recipe, outside = job.recipe, outside or Outside()
    there = read_store(Path(job.config.output.directory), files=outside.files)
    inventory = workflow_of(recipe).inventory(there, recipe_before(there, recipe))
    changes = changes_since(there.last_facts, recipe) if inventory.newly_left else []
    caching = caching_note(job, inventory.requests)
    return Plan(
        job.config.output.directory,
        recipe.combinations,
        min(recipe.limit, recipe.total) if recipe.limit else recipe.total,
        inventory,
        forecast_of(job, inventory, there.usual_completions(), dropped=there.has_dropped),
        tuple(changes),
        (*job.config.notes, *too_long(job), *(() if caching is None else (caching,))),
    )
