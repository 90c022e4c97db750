"""`asyncsynth run`: makes every sample that is not there yet."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from asyncsynth.app.job import Job
from asyncsynth.app.load import changes_since, key_for, load_config, price_for, recipe_before, recipe_of
from asyncsynth.app.store import opened
from asyncsynth.cli.console import count, say
from asyncsynth.cli.display import display_for
from asyncsynth.cli.imports import loading
from asyncsynth.cli.options import (
    DEFAULT_CONFIG,
    Concurrency,
    ConfigFile,
    Limit,
    LogFormat,
    MaxCost,
    OutputDirectory,
    Settings,
)
from asyncsynth.cli.plan import expected
from asyncsynth.cli.progress import money
from asyncsynth.cli.show import show_end
from asyncsynth.cli.summary import summary
from asyncsynth.config import Config
from asyncsynth.engine.reuse import Reuse, compare
from asyncsynth.engine.tally import Tally
from asyncsynth.errors import AsyncsynthError, EndpointStopped, Interrupted, RecipeChanged, SpendCapReached
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.store import Store
from asyncsynth.values import GivenUp, Made

HOW_RUNS_END: dict[type[AsyncsynthError], str] = {
    Interrupted: "interrupted",
    SpendCapReached: "stopped at the spend cap",
    EndpointStopped: "stopped by the endpoint",
}


def run(
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    concurrency: Concurrency = None,
    limit: Limit = None,
    max_cost: MaxCost = None,
    show: Annotated[bool, typer.Option("--show", help="Print each request, training prompt and completion.")] = False,
    settings: Settings = None,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Go on though the recipe changed and records are left behind.")
    ] = False,
    log_format: LogFormat = None,
) -> None:
    """Make every sample that is not there yet. Ctrl-C drains, a second one cancels; run again to go on."""
    loaded = load_config(config, settings, output=output, limit=limit, concurrency=concurrency, max_cost=max_cost)
    recipe, price, key = recipe_of(loaded), price_for(loaded), key_for(loaded)
    with opened(loaded) as store:
        display = display_for(log_format, key)
        for note in store.recovered:
            display.note(note)
        before = recipe_before(store.last_facts, recipe)
        reuse = compare(recipe, store, before, limited=loaded.combinations.limit > 0)
        if reuse.newly_left and not accept_changes:
            raise _recipe_changed(loaded, recipe, reuse, store)
        say(f"{loaded.output.directory}: {reuse}")
        shown = partial(show_end, key.scrub if key is not None else str) if show else _say_nothing
        job = Job(loaded, recipe, store, reuse, price, key, display, shown)
        tally = Tally(to_make=reuse.make)
        try:
            if reuse.make:
                _make(job, tally)
        finally:
            for line in summary(Path(loaded.output.directory), reuse, tally, store.totals):
                say(line)
    if dead := reuse.dead + tally.given_up:
        say(f"next: asyncsynth retry, then run again; {count(dead, 'sample')} had no good end")
        raise typer.Exit(1)


def _make(job: Job, tally: Tally) -> None:
    """Run the job between its two lines in the manifest."""
    with loading():
        from asyncsynth.app.engine import work  # noqa: PLC0415 - a refusal must not wait for it

    job.store.begin_run({**job.recipe.facts(), "fingerprint": job.recipe.fingerprint})
    how = "failed"
    try:
        work(job, tally)
        how = "complete"
    except AsyncsynthError as error:
        how = HOW_RUNS_END.get(type(error), how)
        raise
    finally:
        job.store.end_run(how)


def _recipe_changed(config: Config, recipe: Recipe, reuse: Reuse, store: Store) -> RecipeChanged:
    changes = "\n".join(f"  {line}" for line in changes_since(store.last_facts, recipe))
    cost = expected(config, recipe, reuse, store.totals)
    money_now = "" if cost.cost_usd is None else f", about {money(cost.cost_usd)}"
    return RecipeChanged(
        f"the recipe has changed since the last run:\n{changes}\n"
        f"{count(reuse.newly_left, 'paid record')} would be left behind (nothing is deleted), "
        f"and {count(reuse.make, 'sample')} made{money_now}",
        hint="--accept-changes goes on; or undo the change, or name another directory with --output",
    )


def _say_nothing(end: Made | GivenUp) -> None:
    del end
