"""The services that can be called, one row a service: what is known of each before anything is sent to it.

Addresses, headers and names of parameters are those of the services' own documentation, November 2026. Every value of
a row can be overridden in [endpoint]; a service without a row is `provider = "openai"` with a base_url.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from asyncsynth.config.hosts import is_private
from asyncsynth.provider.models import as_given, file_stem, simulated
from asyncsynth.values import Api, SchemaUse

BEARER = "bearer"  # the key goes into Authorization, after this word
NO_AUTH = NO_PROXY = "none"

# The parameters that bound an answer, by their places in a request body; the one to write comes first.
MAX_TOKENS: Mapping[Api, tuple[str, ...]] = {
    "chat": ("max_tokens", "max_completion_tokens"),
    "completions": ("max_tokens",),
    "responses": ("max_output_tokens",),
    "anthropic": ("max_tokens",),
    "gemini": (
        "maxOutputTokens",
        "max_output_tokens",
        "generationConfig.maxOutputTokens",
        "generation_config.max_output_tokens",
    ),
}
# What every call has beside the key.
HEADERS: Mapping[Api, Mapping[str, str]] = {"anthropic": {"anthropic-version": "2023-06-01"}}
ONLY_MAX_TOKENS = ("max_tokens",)
# OpenAI's models that think refuse max_tokens in chat completions; gpt-5-chat-latest and its like don't think.
THINKING_BOUND = "max_completion_tokens"
_THINKING = r"(?:o[0-9]|gpt-(?:[5-9]|[1-9][0-9]))(?!.*-chat)"


class Note(Struct, frozen=True):
    """What is to be known before the first call; not said where all parameters in `unless` are set."""

    text: str
    unless: tuple[str, ...] = ()

    def parameters_say_it(self, parameters: Mapping[str, object]) -> bool:
        return bool(self.unless) and all(name in parameters for name in self.unless)


class Service(Struct, frozen=True):
    """One row. A server of ours is started with the run, so it takes neither a base_url nor a key."""

    name: str
    base_url: str | None = None  # None: every customer has one of their own
    example: str = ""  # of a base_url, where there is none for all
    ours: bool = False
    free: bool = False  # it runs on machines of the user's own, where no call costs anything
    api: Api = "chat"  # where endpoint.api is left out
    key_variable: str | None = None  # holds the key where endpoint.api_key_env names no other one; None: no key is sent
    needs_key: bool = True
    auth: str = BEARER  # how the key is sent: bearer, or the name of a header
    chat_bounds: tuple[str, ...] = MAX_TOKENS["chat"]  # what bounds an answer in chat completions here
    price_id: str | None = None  # its name in genai-prices
    chat_schemas: SchemaUse = "strict"  # how chat completions take the schema of an answer here
    model_name: Callable[[str], str] = as_given  # the name of endpoint.model in requests, records and keys
    note: Note | None = None

    def is_free_at(self, base_url: str | None) -> bool:
        """Whether calls cost nothing there; `base_url` None: at the service's own address."""
        return self.free and (base_url is None or is_private(urlsplit(base_url).hostname or ""))

    def speaks_only(self, other: Api) -> bool:
        """Whether its own address speaks an API of its own kind, and not this other one."""
        return self.api in ("anthropic", "gemini") and other != self.api

    def schemas(self, api: Api) -> SchemaUse:
        """How the service takes the schema of an answer."""
        if api == "completions":
            return "none"
        return self.chat_schemas if api == "chat" else "strict"

    def bounds(self, api: Api) -> tuple[str, ...]:
        """The parameters that bound an answer."""
        return self.chat_bounds if api == "chat" else MAX_TOKENS[api]

    def bound(self, api: Api, model: str) -> str:
        """Which of them to write for this model."""
        return THINKING_BOUND if self._wants_thinking_bound(api, model) else self.bounds(api)[0]

    def most_tokens(self, api: Api, parameters: Mapping[str, object]) -> int | None:
        """The most tokens that an answer to a request with these parameters can have; None: they don't say."""
        named = (_at(place, parameters) for place in self.bounds(api))
        return max((most for most in named if type(most) is int and most > 0), default=None)

    def refused_bound(self, api: Api, model: str, parameters: Mapping[str, object]) -> str | None:
        """A parameter that other services take for the bound, and this one refuses or does not hear."""
        if self._wants_thinking_bound(api, model):
            return "max_tokens" if "max_tokens" in parameters else None
        others = {name for places in MAX_TOKENS.values() for name in places} - set(self.bounds(api))
        return next((name for name in sorted(others) if name in parameters), None)

    def _wants_thinking_bound(self, api: Api, model: str) -> bool:
        return api == "chat" and self.price_id == "openai" and re.match(_THINKING, model) is not None


def _at(place: str, parameters: Mapping[str, object]) -> object:
    """The value at a place like generationConfig.maxOutputTokens; None where there is none."""
    value: object = parameters
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


_CUTS_PROMPTS = Note(
    "ollama cuts prompts at its num_ctx without a word (4,096 tokens on most machines): start it with"
    " OLLAMA_CONTEXT_LENGTH=... above prompt and answer together"
)


def _own_defaults(service: str, switch: str) -> Note:
    return Note(
        f"{service} takes what endpoint.parameters leaves out from the model's own generation_config.json:"
        f" set temperature and top_p, or start it with {switch}",
        unless=("temperature", "top_p"),
    )


_ROWS = (
    Service("local", ours=True, free=True, model_name=file_stem),
    Service("simulator", ours=True, model_name=simulated),
    Service("openai", "https://api.openai.com/v1", key_variable="OPENAI_API_KEY", price_id="openai"),
    Service(
        "azure",
        example="https://NAME.openai.azure.com/openai/v1",
        key_variable="AZURE_OPENAI_API_KEY",
        auth="api-key",
        price_id="azure",
    ),
    Service(
        "anthropic",
        "https://api.anthropic.com/v1",
        api="anthropic",
        key_variable="ANTHROPIC_API_KEY",
        auth="x-api-key",
        price_id="anthropic",
    ),
    Service(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta",
        api="gemini",
        key_variable="GEMINI_API_KEY",
        auth="x-goog-api-key",
        price_id="google",
    ),
    Service("openrouter", "https://openrouter.ai/api/v1", key_variable="OPENROUTER_API_KEY", price_id="openrouter"),
    Service(
        "groq",
        "https://api.groq.com/openai/v1",
        key_variable="GROQ_API_KEY",
        chat_schemas="loose",  # only two of its models are kept to them
        price_id="groq",
    ),
    Service(
        "mistral",
        "https://api.mistral.ai/v1",
        key_variable="MISTRAL_API_KEY",
        chat_bounds=ONLY_MAX_TOKENS,
        price_id="mistral",
    ),
    Service(
        "together",
        "https://api.together.xyz/v1",
        key_variable="TOGETHER_API_KEY",
        chat_bounds=ONLY_MAX_TOKENS,
        price_id="together",
    ),
    Service(
        "fireworks", "https://api.fireworks.ai/inference/v1", key_variable="FIREWORKS_API_KEY", price_id="fireworks"
    ),
    Service(
        "deepseek",
        "https://api.deepseek.com",
        key_variable="DEEPSEEK_API_KEY",
        chat_schemas="none",  # refused as "unavailable now"
        chat_bounds=ONLY_MAX_TOKENS,
        price_id="deepseek",
    ),
    Service("xai", "https://api.x.ai/v1", key_variable="XAI_API_KEY", price_id="x-ai"),
    Service(
        "bedrock",
        example="https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1",
        key_variable="AWS_BEARER_TOKEN_BEDROCK",
        price_id="aws",
    ),
    Service(
        "ollama",
        "http://localhost:11434/v1",
        free=True,
        key_variable="OLLAMA_API_KEY",
        needs_key=False,
        chat_bounds=ONLY_MAX_TOKENS,
        note=_CUTS_PROMPTS,
    ),
    Service(
        "vllm",
        "http://localhost:8000/v1",
        free=True,
        key_variable="VLLM_API_KEY",
        needs_key=False,
        note=_own_defaults("vllm", "--generation-config vllm"),
    ),
    Service(
        "sglang",
        "http://localhost:30000/v1",
        free=True,
        key_variable="SGLANG_API_KEY",
        needs_key=False,
        note=_own_defaults("sglang", "--sampling-defaults openai"),
    ),
    Service(
        "lmstudio",
        "http://localhost:1234/v1",
        free=True,
        key_variable="LM_API_TOKEN",
        needs_key=False,
        chat_bounds=ONLY_MAX_TOKENS,
    ),
    Service("llamacpp", "http://localhost:8080/v1", free=True, key_variable="LLAMA_API_KEY", needs_key=False),
)
SERVICES: Mapping[str, Service] = {row.name: row for row in _ROWS}
