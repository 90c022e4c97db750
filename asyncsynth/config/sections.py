"""The sections of config.toml, frozen; each option is declared once, here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from asyncsynth.values import Api, Price, Value

MAX_CONCURRENCY = 10_000
# Asking for several answers or for a stream would change what one reply is.
RESERVED_PARAMETERS = frozenset({"model", "messages", "prompt", "n", "stream", "best_of", "echo"})


class Section(BaseModel):
    """A frozen table of config.toml in which an unknown option is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Combinations(Section):
    repeats: int = Field(1, ge=1)  # samples for each combination
    limit: int = Field(0, ge=0)  # samples in all; 0: no limit
    seed: int = 2022
    exclude: list[dict[str, str | int | float | bool | dict[str, str | int | float | bool]]] = []


class Prompt(Section):
    request: str
    record: str
    system: str | None = None


class PriceSection(Section):
    """USD per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)

    def per_token(self) -> Price:
        # USD per million tokens x 10**12 / 10**6; through Decimal so that 0.15 is 150,000 exactly.
        return Price(int(Decimal(str(self.input)) * 10**6), int(Decimal(str(self.output)) * 10**6))


class SimulatorSection(Section):
    """How the simulated provider behaves that `provider = "simulator"` starts, and `simulate`."""

    latency_s: float = Field(0.05, ge=0)  # median seconds an answer takes
    faults: float = Field(0.0, ge=0, le=1)  # share of calls that go wrong
    requests_per_minute: int | None = Field(None, gt=0)
    tokens_per_minute: int | None = Field(None, gt=0)
    seed: int = 0


class Endpoint(Section):
    provider: str = "local"  # a row of the table of services
    base_url: str | None = None
    api: Api | None = None  # None: the service's own
    model: str = Field("SmolLM2-135M-Instruct", min_length=1)  # for local also the path of a .gguf file
    api_key_env: str | None = None  # None: the service's own variable
    timeout_s: float = Field(120, gt=0)
    parameters: dict[str, Any] = {}
    price: PriceSection | None = None
    simulator: SimulatorSection = SimulatorSection()

    @field_validator("base_url")
    @classmethod
    def _base_url_is_safe(cls, url: str | None) -> str | None:
        return None if url is None else checked_base_url(url)

    @field_validator("parameters")
    @classmethod
    def _parameters_leave_one_answer(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        if reserved := sorted(RESERVED_PARAMETERS & parameters.keys()):
            raise ValueError(f"{', '.join(reserved)} can't be set here: one request brings one whole answer")
        try:
            json.dumps(parameters, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"can't be sent as JSON: {error}") from error
        return parameters


class Limits(Section):
    concurrency: int | Literal["auto"] = 8  # auto: what the endpoint takes, found while running
    requests_per_minute: int | None = Field(None, gt=0)
    tokens_per_minute: int | None = Field(None, gt=0)
    max_cost_usd: float | None = Field(None, ge=0)
    max_attempts: int = Field(6, ge=1)
    max_reasks: int = Field(0, ge=0)  # of answers that were paid and rejected

    @field_validator("concurrency", mode="before")
    @classmethod
    def _concurrency_is_a_number_or_auto(cls, given: object) -> object:
        if given != "auto" and not (type(given) is int and 1 <= given <= MAX_CONCURRENCY):
            raise ValueError(f"must be a whole number from 1 to {MAX_CONCURRENCY:,}, or auto; not {given!r}")
        return given


class Output(Section):
    directory: str = Field("runs/plot-outlines", min_length=1)
    raw_log: bool = True
    keep_truncated: bool = True  # finish_reason "length" is a record, not a dead letter


@dataclass(frozen=True, slots=True)
class Config:
    """A checked config; `source` is the path it came from, for messages."""

    source: str
    axes: Mapping[str, tuple[Value, ...]]
    combinations: Combinations
    prompt: Prompt
    endpoint: Endpoint
    limits: Limits
    output: Output


def checked_base_url(url: str) -> str:
    """`url` without a trailing slash; ValueError unless it is https (or loopback http) with no user in it."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected a URL like https://api.openai.com/v1")
    if parts.username or parts.password:
        raise ValueError("a user or password in the URL would be logged; name the key's variable in api_key_env")
    if parts.query or parts.fragment:
        raise ValueError("no query or fragment here; expected a URL like https://api.openai.com/v1")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must be https: over http the key and the prompts can be read on the way")
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by name or address, so that nothing travels over a network."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
