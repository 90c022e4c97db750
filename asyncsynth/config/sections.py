"""Sections of config.toml, frozen; each option is declared and described once."""

import re
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from asyncsynth.config.addresses import checked_base_url
from asyncsynth.config.axis_values import MAX_BITS
from asyncsynth.config.parameters import checked_parameters
from asyncsynth.config.section import Section
from asyncsynth.config.sent_along import checked_headers, checked_proxy, checked_query
from asyncsynth.config.shown import shown
from asyncsynth.config.variables import LIKE_A_KEY
from asyncsynth.costs import Price, picodollars_a_token
from asyncsynth.values import Api, SchemaUse

MAX_CONCURRENCY = 10_000
HEADER_NAME = r"[A-Za-z0-9-]{1,64}\Z"
VARIABLE_NAME = r"[A-Za-z_][A-Za-z0-9_]*\Z"
MILLION, BILLION, TRILLION = 10**6, 10**9, 10**12  # where numbers end: more is a slip of the finger


class Combinations(Section):
    repeats: int = Field(1, ge=1, le=BILLION, description="samples for each combination")
    limit: int = Field(
        0, ge=0, le=TRILLION, description="that many samples in all, spread evenly over every axis; 0: all"
    )
    accepted: int = Field(
        0,
        ge=0,
        le=TRILLION,
        description="go on until that many samples passed their gates, or `limit` is reached; 0: off",
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
        own = (self.cached_input, self.cache_write, self.hour_write)
        cached, written, for_an_hour = (None if usd is None else _a_token(usd) for usd in own)
        return Price(_a_token(self.input), _a_token(self.output), cached, written, for_an_hour)


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
        description="strip: <think>...</think> is taken out of the text and kept beside it; keep: it stays in the text",
    )
    schemas: SchemaUse | None = Field(
        None,
        description="how the schema of an answer is sent: strict, the service keeps the model to it; loose, as well as"
        " it can; none, it is described in words; left out: as the service takes it",
    )
    keep_alive: bool = Field(True, description="false: each call gets a connection of its own, closed after it")
    parameters: dict[str, Any] = Field(
        {}, description="go into the body of the request as they stand; for api gemini into its generationConfig"
    )
    context: int | None = Field(
        None,
        ge=1,
        le=BILLION,
        description="tokens that the model takes at most; a request that is longer is not sent; left out: what is"
        " known of the model",
    )
    price: PriceSection | None = Field(None, description="what tokens cost, where no price list knows it")
    simulator: SimulatorSection = Field(SimulatorSection.left_out(), description="how the simulated provider behaves")

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
        if not re.match(VARIABLE_NAME, name) or re.search(LIKE_A_KEY, name):
            raise ValueError("is not the name of a variable; keep the key itself in that variable, not in the config")
        return name

    @field_validator("auth")
    @classmethod
    def _auth_is_no_key(cls, auth: str | None) -> str | None:
        if auth is not None and (not re.match(HEADER_NAME, auth) or re.search(LIKE_A_KEY, auth)):
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
        return checked_parameters(parameters)


def checked_concurrency(given: object) -> object:
    """A number of calls, or auto. Raises ValueError."""
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
        return checked_concurrency(given)


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
        0,
        ge=0,
        le=MILLION,
        description="further tries of a request whose answer was paid for and is of no use (empty, refused, broken"
        " off), where the `retry` of its step leaves fewer",
    )

    @field_validator("concurrency", mode="before")
    @classmethod
    def _concurrency_is_a_number_or_auto(cls, given: object) -> object:
        return checked_concurrency(given)


class StopWhen(Section):
    """Shares of the newest 500 answers, from 0 to 1."""

    near_duplicates: float | None = Field(
        None, gt=0, le=1, description="stop when so large a share of the newest 500 answers nearly repeats another one"
    )
    opening: float | None = Field(
        None, gt=0, le=1, description="stop when so large a share of them begins with the same three words"
    )

    def shares(self) -> dict[str, float]:
        """Those that are given."""
        return {name: getattr(self, name) for name in self.model_fields_set if getattr(self, name) is not None}


class Quality(Section):
    stop_when: StopWhen = Field(StopWhen.left_out(), description="ends a run that repeats itself")


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


def _a_token(usd_per_million: float) -> int:
    return picodollars_a_token(Decimal(str(usd_per_million)))  # as it is written: 0.15 is 150,000 exactly
