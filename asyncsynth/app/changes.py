"""A recipe that changed since the last run: what changed, what it leaves behind, and what going on costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.app.job import Job
from asyncsynth.app.workflows import AnyRecipe, as_before, recipe_of_facts
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.shelf import Before
from asyncsynth.errors import RecipeChanged
from asyncsynth.store.contents import Contents
from asyncsynth.store.shown import ShownBefore
from asyncsynth.text import count, money


def recipe_before(there: Contents, recipe: AnyRecipe) -> Before | None:
    """The recipe of the last run, from the facts that the manifest keeps; None where it was this one, or none.

    Where it had rows of a file that has changed, what the views show tells which answers belonged to it.
    """
    facts = there.last_facts
    if facts is None or facts == recipe.facts():
        return None
    try:
        return as_before(recipe_of_facts(facts, recipe.sources), there)
    except LookupError:
        return ShownBefore(there)


def changes_since(facts: Mapping[str, Any] | None, recipe: AnyRecipe) -> list[str]:
    """What changed since the last run, in lines for people."""
    from asyncsynth.recipe.differences import differences  # noqa: PLC0415 - few runs find any

    return differences(facts or {}, recipe.facts())


def refuse_changes(job: Job, inventory: Inventory, there: Contents) -> None:
    """Raises RecipeChanged where paid answers would be left behind and others bought."""
    if not inventory.newly_left or not inventory.to_make:
        return
    from asyncsynth.app.forecast import forecast_of  # noqa: PLC0415 - few runs come to this

    changes = "\n".join(f"  {line}" for line in changes_since(there.last_facts, job.recipe))
    cost = forecast_of(job, inventory, there.usual_completions(), dropped=there.has_dropped)
    about = "" if cost.cost_usd is None else f", for about {money(cost.cost_usd)}"
    about += "" if cost.most_usd is None else f", {money(cost.most_usd)} at most"
    raise RecipeChanged(
        f"the recipe has changed since the last run:\n{changes}\n"
        f"{count(inventory.newly_left, 'paid answer')} would be left behind (nothing is deleted), "
        f"and {count(inventory.requests, 'other')} bought{about}",
        hint="--accept-changes goes on; or undo the change, or name another directory with --output",
    )
