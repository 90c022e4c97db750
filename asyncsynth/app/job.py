"""All that a run needs, checked and opened, before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from asyncsynth.cli.progress import Display
from asyncsynth.config import Config
from asyncsynth.engine.reuse import Reuse
from asyncsynth.provider.keys import ApiKey
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.store import Store
from asyncsynth.values import GivenUp, Made, Price


@dataclass(frozen=True, slots=True)
class Job:
    """`on_end` hears of every sample that ends; `price` None: unknown; `key` None: the endpoint needs none."""

    config: Config
    recipe: Recipe
    store: Store
    reuse: Reuse
    price: Price | None
    key: ApiKey | None
    display: Display
    on_end: Callable[[Made | GivenUp], None]
