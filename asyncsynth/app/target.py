"""An endpoint that a run may send to, with what the config and the table of services say of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.app.contexts import context_of
from asyncsynth.app.load import access_for, price_for
from asyncsynth.config import Config, Endpoint, Limits, NamedEndpoint
from asyncsynth.config.config import StepSection, for_step
from asyncsynth.config.named import limits_of
from asyncsynth.costs import Price
from asyncsynth.provider.access import Access
from asyncsynth.provider.caching import dearest
from asyncsynth.provider.services import SERVICES
from asyncsynth.provider.usage import BYTES_PER_TOKEN
from asyncsynth.values import ONLY_STEP

SCHEMA_WORDS = 600  # bytes; services put a schema into the prompt with words of their own


class OwnForm(Struct, frozen=True):
    """What a step asks of an endpoint otherwise than others do; `schema` is what its answers must fit."""

    endpoint: Endpoint
    price: Price | None
    schema: Mapping[str, Any] | None = None


class Target(Struct, frozen=True):
    """`name` "": it is the [endpoint]; `limits`: what holds for it alone, but for the money; `price` None: unknown;
    `access` None: nothing is to be sent, so no key is read. `steps` are those that it serves; `own` has, for
    those with a model or parameters of their own, what they are asked from, and its price.
    """

    name: str
    endpoint: Endpoint
    limits: Limits
    price: Price | None
    access: Access | None = None
    steps: tuple[str, ...] = (ONLY_STEP,)
    own: Mapping[str, OwnForm] = MappingProxyType({})

    def for_step(self, step: str) -> Target:
        """The same with the model and the parameters of a step that it serves."""
        if step not in self.own:
            return self
        own = self.own[step]
        return replace(self, endpoint=own.endpoint, price=own.price)

    def beside(self, step: str) -> int:
        """Bytes that go with every request of a step that it serves: the schema, and what services say of it."""
        schema = self.own[step].schema if step in self.own else None
        return 0 if schema is None else SCHEMA_WORDS + len(json.dumps(schema).encode())

    @property
    def most_tokens(self) -> int | None:
        """The most tokens that an answer can have; None where the request does not say."""
        service = SERVICES[self.endpoint.provider]
        return service.most_tokens(self.endpoint.api or service.api, self.endpoint.parameters)

    @property
    def longest_prompt(self) -> int | None:
        """Bytes of the longest prompt that there is room for; None where the context of the model is not known."""
        context = context_of(self.endpoint)
        return None if context is None else context * BYTES_PER_TOKEN

    @property
    def dearest(self) -> Price | None:
        """The price by which a call costs the most that it can."""
        api = self.endpoint.api or SERVICES[self.endpoint.provider].api
        return None if self.price is None else dearest(self.price, api, self.endpoint.parameters)


def targets_of(config: Config) -> tuple[Target, ...]:
    """The endpoints that share the work, without access to them. Raises ConfigError for a cap on an unknown price."""
    return tuple(_target(name, endpoint, config) for name, endpoint in config.asked.items())


def _target(name: str, endpoint: Endpoint, config: Config) -> Target:
    served = [step for step in config.sides if name in config.asked_in(step.prompt)]
    own = {}
    for step in served:
        of_step, schema = for_step(endpoint, step.prompt), _schema_of(step)
        if of_step is not endpoint or schema is not None:
            own[step.name] = OwnForm(of_step, price_for(name, of_step, config), schema)
    limits = limits_of(endpoint, config.limits) if isinstance(endpoint, NamedEndpoint) else config.limits
    names = tuple(step.name for step in served)
    price = next(iter(own.values())).price if len(own) == len(names) else price_for(name, endpoint, config)
    return Target(name, endpoint, limits, price, steps=names, own=own)


def _schema_of(step: StepSection) -> Mapping[str, Any] | None:
    if step.prompt.structure is None and step.prompt.judge is None:
        return None
    from asyncsynth.app.forms import schema_of  # noqa: PLC0415 - most recipes ask for texts

    return schema_of(step)


def with_access(target: Target, config: Config) -> Target:
    """The target with its key, and what else goes with every call. Raises UsageError where one of them is not there."""
    return replace(target, access=access_for(target.endpoint, config.folder))
