"""From a config file, or sections of plain values, to a checked config, its recipe, price and key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from asyncsynth.config import Config, Endpoint, Limits, Prompt, read
from asyncsynth.config.sections import is_loopback
from asyncsynth.errors import ConfigError, Problem, UsageError
from asyncsynth.provider.keys import ApiKey, read_key
from asyncsynth.provider.prices import price_of
from asyncsynth.provider.section_check import problems as check_endpoint
from asyncsynth.provider.services import SERVICES
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.recipe.templates import check as check_templates
from asyncsynth.values import Price


def load_config(
    path: Path,
    settings: Iterable[str] | None = None,
    *,
    output: Path | None = None,
    limit: int | None = None,
    concurrency: str | None = None,
    max_cost: float | None = None,
) -> Config:
    """The checked config; the named options win over --set, which wins over the file. Raises ConfigError."""
    named = {
        "output.directory": None if output is None else json.dumps(str(output)),
        "combinations.limit": limit,
        "limits.concurrency": concurrency,
        "limits.max_cost_usd": max_cost,
    }
    overrides = [*(settings or ()), *(f"{name}={given}" for name, given in named.items() if given is not None)]
    checked = read(path, overrides)
    prompt, endpoint, limits = (checked.sections[name] for name in ("prompt", "endpoint", "limits"))
    further: list[Problem] = []
    if isinstance(endpoint, Endpoint):
        further += check_endpoint(endpoint, limits if isinstance(limits, Limits) else None)
    if checked.axes is not None and isinstance(prompt, Prompt):
        further += check_templates(prompt, checked.axes)
    return checked.config(further)


def recipe_of(config: Config) -> Recipe:
    """The recipe of a config; raises UsageError where it has no sample."""
    endpoint, service = config.endpoint, SERVICES[config.endpoint.provider]
    recipe = Recipe.of(
        config.axes,
        config.combinations,
        config.prompt,
        config.record,
        api=endpoint.api or service.api,
        model=service.model_name(endpoint.model),
        parameters=endpoint.parameters,
    )
    if recipe.total == 0:
        raise UsageError(f"{config.source}: combinations.exclude leaves nothing to make", hint="exclude less")
    return recipe


def price_for(config: Config) -> Price | None:
    """What a token costs, None where nobody knows; raises ConfigError for a spend cap on an unknown price."""
    endpoint = config.endpoint
    price = price_of(SERVICES[endpoint.provider], endpoint.model, endpoint.price, endpoint.base_url)
    if price is None and config.limits.max_cost_usd is not None:
        what = f"needs a known price, and {endpoint.model} has none: set [endpoint.price] input and output"
        raise ConfigError(config.source, (Problem("limits.max_cost_usd", what),))
    return price


def key_for(config: Config) -> ApiKey | None:
    """The API key of the endpoint; raises UsageError where one is needed and there is none."""
    endpoint, service = config.endpoint, SERVICES[config.endpoint.provider]
    if service.key_variable is None or endpoint.base_url is None:
        return None
    required = not is_loopback(urlsplit(endpoint.base_url).hostname or "")
    return read_key(endpoint.api_key_env or service.key_variable, os.environ, required=required)
