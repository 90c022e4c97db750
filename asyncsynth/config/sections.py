"""The sections of config.toml but [record], frozen; each option is declared and described once, here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import Field, field_validator

from asyncsynth.config.addresses import checked_base_url
from asyncsynth.config.axis_values import MAX_BITS
from asyncsynth.config.prompt import Prompt
from asyncsynth.config.record import Record
from asyncsynth.config.section import Section
from asyncsynth.config.sent_along import checked_headers, checked_proxy, checked_query
from asyncsynth.config.shown import shown
from asyncsynth.config.sources import Axes
from asyncsynth.config.variables import LIKE_A_KEY
from asyncsynth.values import Api, Price

MAX_CONCURRENCY = 10_000
# Asking for several answers or for a stream would change what one reply is.
RESERVED_PARAMETERS = frozenset({"model", "messages", "prompt", "n", "stream", "best_of", "echo"})
MAX_TOKENS_PARAMETERS = ("max_tokens", "max_completion_tokens", "max_output_tokens")  # as services name it
INT64 = range(-(2**63), 2**63)
HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
MILLION, BILLION, TRILLION = 10**6, 10**9, 10**12  # where numbers end: more is a slip of the finger


class Combinations(Section):
    repeats: int = Field(1, ge=1, le=BILLION, description="samples for each combination")
    limit: int = Field(
        0, ge=0, le=TRILLION, description="that many samples in all, spread evenly over every axis; 0: all"
    )
    seed: int = Field(2022, description="decides the order, the UUIDs and everything else that is drawn")
    order: Literal["even", "prefix"] = Field(
        "even",
        description="even: what is sent is spread evenly at any time; prefix: requests that begin alike are sent one "
        "after the other, for caches of prompts; the samples are the same",
    )
    exclude: list[dict[str, Any]] = Field(
        [], description="combinations to leave out, each by its values on one or more axes"
    )

    @field_validator("seed")
    @classmethod
    def _seed_can_be_written_out(cls, seed: int) -> int:
        if seed.bit_length() > MAX_BITS:
            raise ValueError("has too many digits")
        return seed


class PriceSection(Section):
    """USD per million tokens."""

    input: float = Field(ge=0, le=BILLION, description="USD per million tokens of the request")
    output: float = Field(ge=0, le=BILLION, description="USD per million tokens of the answer")
    cached_input: float | None = Field(
        None,
        ge=0,
        le=BILLION,
        description="of the request's, of those read from a cache; else they cost what input does",
    )
    cache_write: float | None = Field(
        None,
        ge=0,
        le=BILLION,
        description="of the request's, of those written into one; else they cost what input does",
    )
    hour_write: float | None = Field(
        None,
        ge=0,
        le=BILLION,
        description="of these, of those written to be kept for an hour; else they cost what cache_write does",
    )

    def per_token(self) -> Price:
        # USD per million tokens x 10**12 / 10**6; through Decimal so that 0.15 is 150,000 exactly.
        own = (self.cached_input, self.cache_write, self.hour_write)
        cached, written, for_an_hour = (None if usd is None else _picodollars(usd) for usd in own)
        return Price(_picodollars(self.input), _picodollars(self.output), cached, written, for_an_hour)


class SimulatorSection(Section):
    """How the simulated provider behaves that `provider = "simulator"` starts, and `simulate`."""

    latency_s: float = Field(0.05, ge=0, le=MILLION, description="median seconds that an answer takes")
    faults: float = Field(0.0, ge=0, le=1, description="share of calls that go wrong")
    requests_per_minute: int | None = Field(None, gt=0, le=BILLION, description="requests that it takes in a minute")
    tokens_per_minute: int | None = Field(None, gt=0, le=TRILLION, description="tokens that it takes in a minute")
    seed: int = Field(0, description="decides its answers, its faults and its delays")


class Endpoint(Section):
    provider: str = Field(
        "local",
        description="local: a small model on this machine; simulator: made-up answers; "
        "a service of the table of services, or openai for any other that speaks OpenAI's API",
    )
    base_url: str | None = Field(
        None, description="the address of the service, where it is not the one in the table of services"
    )
    plain_http: bool = Field(
        False, description="true: http is fine everywhere; else only to this machine and to private addresses"
    )
    api: Api | None = Field(
        None, description="chat, completions, responses, anthropic or gemini; the service's own where it is left out"
    )
    model: str = Field(
        "SmolLM2-135M-Instruct",
        min_length=1,
        description="the name of the model; for provider local also the path of a .gguf file",
    )
    api_key_env: str | None = Field(
        None, description="the environment variable that has the API key; the service's own where it is left out"
    )
    auth: str | None = Field(
        None,
        description="how the key is sent: bearer, the name of a header, or none; left out: the service's own way",
    )
    headers: dict[str, Any] = Field(
        {}, description='go with every call; a value may name variables, which are kept secret: "${NAME}"'
    )
    query: dict[str, Any] = Field({}, description="goes into the URL of every call; values as for headers")
    proxy: str | None = Field(
        None,
        description='the proxy to call it through, or none; a login in it names variables: "http://${USER}:${PASSWORD}@host'
        ':port"; left out: that of the environment (HTTPS_PROXY, HTTP_PROXY, NO_PROXY)',
    )
    transport: Literal["own", "aiohttp"] | None = Field(
        None,
        description="own: our fast connections, never through a proxy; aiohttp: its ClientSession; left out: own, and "
        "aiohttp where a proxy is on the way",
    )
    timeout_s: float = Field(
        120, gt=0, le=MILLION, description="seconds that one call may take; 900 for service_tier flex"
    )
    reasoning: Literal["strip", "keep"] = Field(
        "strip",
        description="strip: <think>...</think> is no part of the text, and is kept beside it; keep: it stays there",
    )
    schemas: Literal["strict", "loose", "none"] | None = Field(
        None,
        description="how the schema of an answer is sent: strict, the service keeps the model to it; loose, as well as"
        " it can; none, it is told in words; left out: as the service takes it",
    )
    keep_alive: bool = Field(True, description="false: each call gets a connection of its own, closed after it")
    parameters: dict[str, Any] = Field(
        {}, description="go into the body of the request as they stand; for api gemini into its generationConfig"
    )
    price: PriceSection | None = Field(None, description="what tokens cost, where no price list knows it")
    simulator: SimulatorSection = Field(SimulatorSection(), description="how the simulated provider behaves")

    @field_validator("base_url")
    @classmethod
    def _base_url_is_safe(cls, url: str | None) -> str | None:
        return None if url is None else checked_base_url(url)

    @field_validator("api_key_env")
    @classmethod
    def _api_key_env_is_no_key(cls, name: str | None) -> str | None:
        # What is no name may be a key: it is never shown.
        if name is None:
            return None
        if not VARIABLE_NAME.match(name) or LIKE_A_KEY.search(name):
            raise ValueError("is no variable's name; the key itself stays out of the config, in a variable named here")
        return name

    @field_validator("auth")
    @classmethod
    def _auth_is_no_key(cls, auth: str | None) -> str | None:
        if auth is not None and (not HEADER_NAME.match(auth) or LIKE_A_KEY.search(auth)):
            raise ValueError("is neither bearer, none nor the name of a header; the key itself stays out of the config")
        return auth

    @field_validator("headers", mode="before")
    @classmethod
    def _headers_can_be_sent(cls, given: object) -> dict[str, str]:
        return checked_headers(given)

    @field_validator("query", mode="before")
    @classmethod
    def _query_can_be_sent(cls, given: object) -> dict[str, str]:
        return checked_query(given)

    @field_validator("proxy", mode="before")
    @classmethod
    def _proxy_shows_no_password(cls, given: object) -> str | None:
        return None if given is None else checked_proxy(given)

    @field_validator("parameters")
    @classmethod
    def _parameters_leave_one_answer(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        if reserved := sorted(RESERVED_PARAMETERS & parameters.keys()):
            repeats = "; for several answers set combinations.repeats" if {"n", "best_of"} & set(reserved) else ""
            raise ValueError(f"{', '.join(reserved)} can't be set here: one request brings one whole answer{repeats}")
        for name in MAX_TOKENS_PARAMETERS:
            if name in parameters and not (type(parameters[name]) is int and parameters[name] > 0):
                raise ValueError(f"{name} must be a whole number above 0, not {shown(parameters[name])}")
        if (place := _too_large(parameters)) is not None:
            raise ValueError(f"{place} is beyond 64 bits, which services can't read")
        try:
            json.dumps(parameters, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ValueError(f"can't be sent as JSON: {error}") from error
        return parameters


def _checked_concurrency(given: object) -> object:
    if given != "auto" and not (type(given) is int and 1 <= given <= MAX_CONCURRENCY):
        raise ValueError(f"must be a whole number from 1 to {MAX_CONCURRENCY:,}, or auto; not {shown(given)}")
    return given


class NamedEndpoint(Endpoint):
    """An [endpoints.NAME]: what it leaves out is as in [endpoint] and [limits]."""

    LIMITS: ClassVar = ("concurrency", "requests_per_minute", "tokens_per_minute")

    concurrency: int | Literal["auto"] | None = Field(None, description="like limits.concurrency, for it alone")
    requests_per_minute: int | None = Field(
        None, gt=0, le=BILLION, description="like limits.requests_per_minute, for it alone"
    )
    tokens_per_minute: int | None = Field(
        None, gt=0, le=TRILLION, description="like limits.tokens_per_minute, for it alone"
    )

    @field_validator("concurrency", mode="before")
    @classmethod
    def _concurrency_is_a_number_or_auto(cls, given: object) -> object:
        return _checked_concurrency(given)


class Limits(Section):
    """For everything together: money, and how often a sample is tried; the others for each endpoint on its own."""

    concurrency: int | Literal["auto"] = Field(
        8, description="calls under way at once, at most; auto: what the endpoint takes, found while running"
    )
    requests_per_minute: int | None = Field(None, gt=0, le=BILLION, description="requests sent in any minute, at most")
    tokens_per_minute: int | None = Field(None, gt=0, le=TRILLION, description="tokens used in any minute, at most")
    max_cost_usd: float | None = Field(None, ge=0, le=BILLION, description="USD spent in all, at most, over all runs")
    max_attempts: int = Field(6, ge=1, le=MILLION, description="tries of one sample before it becomes a dead letter")
    max_reasks: int = Field(
        0, ge=0, le=MILLION, description="further tries of a sample whose answer was paid and is no use"
    )

    @field_validator("concurrency", mode="before")
    @classmethod
    def _concurrency_is_a_number_or_auto(cls, given: object) -> object:
        return _checked_concurrency(given)


class StopWhen(Section):
    """Shares of the newest 500 answers, from 0 to 1."""

    near_duplicates: float | None = Field(
        None, gt=0, le=1, description="stop when so large a share of the newest 500 answers nearly repeats another one"
    )
    opening: float | None = Field(
        None, gt=0, le=1, description="stop when so large a share of them begins with the same three words"
    )


class Quality(Section):
    stop_when: StopWhen = Field(StopWhen(), description="ends a run that repeats itself")


class Output(Section):
    directory: str = Field(min_length=1, description="where everything is kept; ~ is the home directory")
    raw_log: bool = Field(True, description="keep the body of every request and reply, in raw.jsonl")
    keep_truncated: bool = Field(True, description="an answer that reached max_tokens is a record, not a dead letter")

    @field_validator("directory")
    @classmethod
    def _directory_can_be_one(cls, directory: str) -> str:
        if directory.startswith("~"):
            raise ValueError(f"{shown(directory)}: there is no such home directory")
        if "\0" in directory:
            raise ValueError("no path has a NUL character in it")
        return directory


class Config(NamedTuple):
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
    quality: Quality = Quality()
    endpoints: Mapping[str, NamedEndpoint] = MappingProxyType({})
    notes: tuple[str, ...] = ()
    folder: Path = Path()

    @property
    def asked(self) -> Mapping[str, Endpoint]:
        """The endpoints that share the requests, by name, in the order in which the config names them; "": [endpoint].

        The keys of answers are made from what the first one is asked.
        """
        names = self.prompt.endpoint
        if not names:
            return {"": self.endpoint}
        return {name: self.endpoints[name] for name in ([names] if isinstance(names, str) else names)}


def _too_large(value: Any, place: str = "") -> str | None:
    """Where in the parameters an integer is that is no JSON of services."""
    if isinstance(value, Mapping):
        parts = ((f"{place}.{name}" if place else str(name), part) for name, part in value.items())
    elif isinstance(value, list):
        parts = ((f"{place}[{index}]", part) for index, part in enumerate(value))
    else:
        return place if type(value) is int and value not in INT64 else None
    return next((found for where, part in parts if (found := _too_large(part, where)) is not None), None)


def _picodollars(usd_per_million: float) -> int:
    """Rounded up: no price becomes free."""
    return int((Decimal(str(usd_per_million)) * 10**6).to_integral_value(ROUND_CEILING))
