"""`asyncsynth plan`: what a run would make, cost and take; sends nothing."""

from __future__ import annotations

from itertools import islice

from asyncsynth.app.forecast import LOOKED_AT, Forecast, forecast
from asyncsynth.app.load import changes_since, load_config, price_for, recipe_before, recipe_of
from asyncsynth.app.store import looked_at
from asyncsynth.cli.console import count, say
from asyncsynth.cli.options import (
    DEFAULT_CONFIG,
    Concurrency,
    ConfigFile,
    Limit,
    MaxCost,
    OutputDirectory,
    Settings,
)
from asyncsynth.config import Config
from asyncsynth.engine.reuse import Reuse, compare
from asyncsynth.pace.meter import Meter
from asyncsynth.provider.services import SERVICES
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.ledger import Totals


def plan(
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    limit: Limit = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    settings: Settings = None,
) -> None:
    """Say what would be made, what is there already, and the tokens, money and time it takes; send nothing."""
    loaded = load_config(config, settings, output=output, limit=limit, concurrency=concurrency, max_cost=max_cost)
    recipe, store = recipe_of(loaded), looked_at(loaded)
    before = recipe_before(store.last_facts, recipe)
    reuse = compare(recipe, store, before, limited=loaded.combinations.limit > 0)
    say(f"{count(recipe.combinations, 'combination')}, {count(recipe.total, 'sample')} -> {loaded.output.directory}")
    say(str(reuse))
    for line in expected(loaded, recipe, reuse, store.totals).lines():
        say(line)
    if reuse.newly_left:
        say(f"\nThe recipe has changed; {count(reuse.newly_left, 'record')} would be left behind:")
        for line in changes_since(store.last_facts, recipe):
            say(f"  {line}")
    say("nothing was sent.")


def expected(config: Config, recipe: Recipe, reuse: Reuse, totals: Totals) -> Forecast:
    """The forecast of a run, from its first requests and the answers that are there."""
    meter = Meter(None, 0)
    requests = (recipe.request(sample) for sample in islice(recipe.samples(), LOOKED_AT))
    return forecast(
        [meter.need(request).tokens for request in requests],
        reuse.make,
        max_tokens=SERVICES[config.endpoint.provider].most_tokens(config.endpoint.parameters),
        mean_completion=totals.recorded.completion_tokens / totals.records if totals.records else None,
        price=price_for(config),
        limits=config.limits,
    )
