"""All that a run needs to know, checked before anything is opened or sent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from asyncsynth.app.load import access_for, price_for, recipe_of
from asyncsynth.config import Config
from asyncsynth.provider.access import Access
from asyncsynth.provider.services import SERVICES
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import Price


@dataclass(frozen=True, slots=True)
class Job:
    """`price` None: unknown; `access` None: nothing is to be sent."""

    config: Config
    recipe: Recipe
    price: Price | None
    access: Access | None

    @property
    def most_tokens(self) -> int | None:
        """The most tokens that an answer can have; None where the request does not say."""
        endpoint, service = self.config.endpoint, SERVICES[self.config.endpoint.provider]
        return service.most_tokens(endpoint.api or service.api, endpoint.parameters)


def job_of(config: Config) -> Job:
    """The job without its access, for use cases that send nothing.

    Raises UsageError where the recipe is empty, ConfigError for a cap on an unknown price.
    """
    return Job(config, recipe_of(config), price_for(config), None)


def sendable(job: Job) -> Job:
    """The job with its access. Raises UsageError where a key is needed and there is none."""
    return replace(job, access=access_for(job.config))
