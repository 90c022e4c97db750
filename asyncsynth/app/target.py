"""An endpoint that a run may send to, with what the config and the table of services say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from asyncsynth.app.load import key_for, price_for
from asyncsynth.config import Config, Endpoint, Limits, NamedEndpoint
from asyncsynth.config.named import limits_of
from asyncsynth.provider.keys import ApiKey
from asyncsynth.provider.services import SERVICES
from asyncsynth.values import Price


@dataclass(frozen=True, slots=True)
class Target:
    """`name` "": it is the [endpoint]; `limits`: what holds for it alone, but for the money; `price` None: unknown;
    `key` None: it needs none, or it isn't read yet.
    """

    name: str
    endpoint: Endpoint
    limits: Limits
    price: Price | None
    key: ApiKey | None = None

    @property
    def most_tokens(self) -> int | None:
        """The most tokens that an answer can have; None where the request does not say."""
        service = SERVICES[self.endpoint.provider]
        return service.most_tokens(self.endpoint.api or service.api, self.endpoint.parameters)


def targets_of(config: Config) -> tuple[Target, ...]:
    """The endpoints that share the work, without their keys. Raises ConfigError for a cap on an unknown price."""
    return tuple(
        Target(
            name,
            endpoint,
            limits_of(endpoint, config.limits) if isinstance(endpoint, NamedEndpoint) else config.limits,
            price_for(name, endpoint, config),
        )
        for name, endpoint in config.asked.items()
    )


def with_key(target: Target) -> Target:
    """The target with its key. Raises UsageError where one is needed and there is none."""
    return replace(target, key=key_for(target.endpoint))
