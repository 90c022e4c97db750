"""The services that can be called, one row a service: what is known of each before anything is sent to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from asyncsynth.provider.models import as_given, file_stem, simulated
from asyncsynth.values import Api


class Service(NamedTuple):
    """One row. A server of ours is started with the run, so it takes neither a base_url nor a key."""

    name: str
    ours: bool = False
    free: bool = False  # no call costs anything
    key_variable: str | None = None  # holds the key where endpoint.api_key_env names no other one; None: no key is sent
    api: Api = "chat"  # where endpoint.api is left out
    max_tokens: tuple[str, ...] = ("max_completion_tokens", "max_tokens")  # the parameters that bound an answer
    model_name: Callable[[str], str] = as_given  # the name of endpoint.model in requests, records and keys

    def most_tokens(self, parameters: Mapping[str, object]) -> int | None:
        """The most tokens that an answer to a request with these parameters can have; None: they don't say."""
        named = (parameters.get(name) for name in self.max_tokens)
        return max((most for most in named if type(most) is int and most > 0), default=None)


_ROWS = (
    Service("local", ours=True, free=True, model_name=file_stem),
    Service("simulator", ours=True, model_name=simulated),
    Service("openai", key_variable="OPENAI_API_KEY"),
)
SERVICES: Mapping[str, Service] = {row.name: row for row in _ROWS}
