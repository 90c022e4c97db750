"""`asyncsynth plan`: what a run would make, cost and take; sends nothing."""

from __future__ import annotations

from asyncsynth.app.job import job_of
from asyncsynth.app.load import load_config
from asyncsynth.app.plan import plan as plan_of
from asyncsynth.cli.console import say
from asyncsynth.cli.options import (
    DEFAULT_CONFIG,
    Concurrency,
    ConfigFile,
    Limit,
    MaxCost,
    OutputDirectory,
    Settings,
)


def plan(
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    limit: Limit = None,
    concurrency: Concurrency = None,
    max_cost: MaxCost = None,
    settings: Settings = None,
) -> None:
    """Say what a run would make, what is there already, and the tokens, money and time it would take; send nothing."""
    loaded = load_config(config, settings, output=output, limit=limit, concurrency=concurrency, max_cost=max_cost)
    say(str(plan_of(job_of(loaded))))
