"""All that a run needs to know, checked before anything is opened or sent."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.app.load import recipe_of
from asyncsynth.app.target import Target, targets_of, with_access
from asyncsynth.app.workflows import AnyRecipe
from asyncsynth.config import Config
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.recipe.sources.source import Source


class Job(Struct, frozen=True):
    """Each request of the recipe is made by one of the targets, whichever is free first."""

    config: Config
    recipe: AnyRecipe
    targets: tuple[Target, ...]

    @property
    def priced(self) -> bool:
        """Whether it is known what each call costs."""
        return all(target.for_step(step).price is not None for target in self.targets for step in target.steps)

    @property
    def sources(self) -> Mapping[str, Source]:
        """The axes whose values stand in files."""
        return {name: axis for name, axis in self.config.axes.items() if isinstance(axis, Source)}

    @property
    def reasks(self) -> int:
        """Further tries of a request whose answer was paid for and is of no use, beyond the takes of its step."""
        alone = isinstance(self.recipe, Recipe)  # the course of a recipe of one step has no takes
        retry = self.config.sections_of_steps[0].prompt.retry if alone else 0
        return max(self.config.limits.max_reasks, retry)

    def scrub(self, text: str) -> str:
        """The text without the keys."""
        for target in self.targets:
            if target.access is not None:
                text = target.access.scrub(text)
        return text


def job_of(config: Config) -> Job:
    """The job without its keys, for use cases that send nothing.

    Raises UsageError where the recipe is empty, ConfigError for a cap on an unknown price.
    """
    return Job(config, recipe_of(config), targets_of(config))


def sendable(job: Job) -> Job:
    """The job with its keys. Raises UsageError where one is needed and there is none."""
    return replace(job, targets=tuple(with_access(target, job.config) for target in job.targets))
