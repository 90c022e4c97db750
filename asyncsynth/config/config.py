"""A checked config, as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct

from asyncsynth.config.prompt import Prompt
from asyncsynth.config.record import Record
from asyncsynth.config.sections import Combinations, Endpoint, Limits, NamedEndpoint, Output, Quality
from asyncsynth.config.sources import Axes
from asyncsynth.values import ONLY_STEP


class StepSection(Struct, frozen=True):
    """One step as the config has it; `place` is that of its section."""

    name: str
    place: str
    prompt: Prompt

    @property
    def sides(self) -> tuple[StepSection, ...]:
        """What requests of it are sent by: the step itself, or of a dialogue its two sides, whoever begins first."""
        prompt, name = self.prompt, self.name
        if prompt.dialogue is None:
            return (self,)
        own: dict[str, object] = {"system": prompt.assistant, "user_endpoint": None}
        of_user = {**own, "system": prompt.user}
        if prompt.user_endpoint is not None:
            of_user |= {"endpoint": prompt.user_endpoint, "model": None, "parameters": {}}
        return (
            StepSection(f"{name}.user", self.place, prompt.model_copy(update=of_user)),
            StepSection(f"{name}.assistant", self.place, prompt.model_copy(update=own)),
        )


class Config(Struct, frozen=True):
    """A checked config; `source` is the path it came from, for messages.

    `notes` are sentences for the user about what was ignored; beside the config, in `folder`, may be a file .env.
    """

    source: str
    axes: Axes
    combinations: Combinations
    prompt: Prompt
    record: Record
    endpoint: Endpoint
    limits: Limits
    output: Output
    quality: Quality = Quality.left_out()
    endpoints: Mapping[str, NamedEndpoint] = MappingProxyType({})
    steps: Mapping[str, Prompt] = MappingProxyType({})
    notes: tuple[str, ...] = ()
    folder: Path = Path()

    @property
    def sections_of_steps(self) -> tuple[StepSection, ...]:
        """All steps, in the order of the config; [prompt] is the only one where there are no [steps.NAME]."""
        return steps_of(self.prompt, self.steps)

    @property
    def sides(self) -> tuple[StepSection, ...]:
        """All that requests are sent by: the steps, and in the place of a dialogue its two sides."""
        return sides_of(self.sections_of_steps)

    @property
    def takes_answers_as_they_come(self) -> bool:
        """Whether it has one step, whose every answer is a record."""
        return not self.steps and self.prompt.takes_all and not self.combinations.accepted

    @property
    def asked(self) -> Mapping[str, Endpoint]:
        """All endpoints that something is sent to, by name, in the order in which steps name them; "": [endpoint]."""
        each = (self.asked_in(step.prompt) for step in self.sides)
        return {name: section for asked in each for name, section in asked.items()}

    def asked_in(self, prompt: Prompt) -> Mapping[str, Endpoint]:
        """The endpoints that share the requests of a step; its keys are made from what the first one is asked."""
        if not prompt.names:
            return {"": self.endpoint}
        return {name: self.endpoints[name] for name in prompt.names}


def steps_of(prompt: Prompt, steps: Mapping[str, Prompt]) -> tuple[StepSection, ...]:
    """The steps of [prompt] or of [steps.NAME], whichever there are."""
    if not steps:
        return (StepSection(ONLY_STEP, "prompt", prompt),)
    return tuple(StepSection(name, f"steps.{name}", section) for name, section in steps.items())


def sides_of(steps: Sequence[StepSection]) -> tuple[StepSection, ...]:
    """The steps, and in the place of a dialogue its two sides."""
    return tuple(side for step in steps for side in step.sides)


def for_step(endpoint: Endpoint, prompt: Prompt) -> Endpoint:
    """What a step is made by: the endpoint, with the model and the parameters of the step over its own."""
    update: dict[str, object] = {}
    if prompt.model is not None and prompt.model != endpoint.model:
        update |= {"model": prompt.model, "price": None, "context": None}
    if prompt.parameters:
        update["parameters"] = {**endpoint.parameters, **prompt.parameters}
    return endpoint.model_copy(update=update) if update else endpoint
