"""All that a run needs to know, checked before anything is opened or sent."""

from __future__ import annotations

from typing import NamedTuple

from asyncsynth.app.load import key_for, price_for, recipe_of
from asyncsynth.config import Config
from asyncsynth.provider.keys import ApiKey
from asyncsynth.provider.services import SERVICES
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import Price


class Job(NamedTuple):
    """`price` None: unknown; `key` None: the endpoint needs none."""

    config: Config
    recipe: Recipe
    price: Price | None
    key: ApiKey | None

    @property
    def most_tokens(self) -> int | None:
        """The most tokens that an answer can have; None where the request does not say."""
        endpoint, service = self.config.endpoint, SERVICES[self.config.endpoint.provider]
        return service.most_tokens(endpoint.api or service.api, endpoint.parameters)


def job_of(config: Config) -> Job:
    """The job without its key, for use cases that send nothing.

    Raises UsageError where the recipe is empty, ConfigError for a cap on an unknown price.
    """
    return Job(config, recipe_of(config), price_for(config), None)


def sendable(job: Job) -> Job:
    """The job with its key. Raises UsageError where one is needed and there is none."""
    return job._replace(key=key_for(job.config))
