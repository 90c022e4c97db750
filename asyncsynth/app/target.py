"""An endpoint that a run may send to, with what the config and the table of services say of it."""

from __future__ import annotations

from typing import NamedTuple

from asyncsynth.app.load import access_for, price_for
from asyncsynth.config import Config, Endpoint, Limits, NamedEndpoint
from asyncsynth.config.named import limits_of
from asyncsynth.provider.access import Access
from asyncsynth.provider.caching import dearest
from asyncsynth.provider.services import SERVICES
from asyncsynth.values import Price


class Target(NamedTuple):
    """`name` "": it is the [endpoint]; `limits`: what holds for it alone, but for the money; `price` None: unknown;
    `access` None: nothing is to be sent, so no key is read.
    """

    name: str
    endpoint: Endpoint
    limits: Limits
    price: Price | None
    access: Access | None = None

    @property
    def most_tokens(self) -> int | None:
        """The most tokens that an answer can have; None where the request does not say."""
        service = SERVICES[self.endpoint.provider]
        return service.most_tokens(self.endpoint.api or service.api, self.endpoint.parameters)

    @property
    def dearest(self) -> Price | None:
        """The price by which a call costs the most that it can."""
        api = self.endpoint.api or SERVICES[self.endpoint.provider].api
        return None if self.price is None else dearest(self.price, api, self.endpoint.parameters)


def targets_of(config: Config) -> tuple[Target, ...]:
    """The endpoints that share the work, without access to them. Raises ConfigError for a cap on an unknown price."""
    return tuple(
        Target(
            name,
            endpoint,
            limits_of(endpoint, config.limits) if isinstance(endpoint, NamedEndpoint) else config.limits,
            price_for(name, endpoint, config),
        )
        for name, endpoint in config.asked.items()
    )


def with_access(target: Target, config: Config) -> Target:
    """The target with its key, and what else goes with every call. Raises UsageError where one of them is not there."""
    return target._replace(access=access_for(target.endpoint, config.folder))
