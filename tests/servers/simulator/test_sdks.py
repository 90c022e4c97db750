"""The services' own packages against the simulator: that it speaks as they do, and that our wires ask as they do."""

from __future__ import annotations

import json
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import asdict, replace

from asyncsynth.provider.wires import wire_of
from asyncsynth.servers.simulator import FaultKind, Settings, Simulator, serve
from asyncsynth.values import Api, Turn
from tests.provider.scripted import request

TURNS = (Turn("user", "Imagine a plot."), Turn("assistant", "In space?"), Turn("user", "Yes."))
SYSTEM = "Be brief."
KEY = "sk-no-key"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "detail": {"type": "integer", "enum": [1, 2, 3, 4, 5]}},
    "required": ["reason", "detail"],
    "additionalProperties": False,
}
# Its text is a prompt of this many tokens for the simulator, a quarter of its bytes.
PROMPT_TOKENS = -(-len(SYSTEM + "".join(turn.content for turn in TURNS)) // 4)


class Client(ABC):
    """One of the packages, asked for an answer; `answer` and what it raises are the package's own."""

    api: Api

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.root = simulator.base_url.removesuffix("/v1")

    @abstractmethod
    async def ask(self, schema: Any = None) -> Any: ...

    @abstractmethod
    def text(self, answer: Any) -> Any: ...

    @abstractmethod
    def counts(self, answer: Any) -> tuple[int, int]: ...

    @abstractmethod
    async def close(self) -> None: ...


class OfOpenAI(Client):
    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        import openai  # noqa: PLC0415 - takes a second, and only these tests need it

        self.package = openai
        self.client = openai.AsyncOpenAI(base_url=simulator.base_url, api_key=KEY, max_retries=0)

    async def close(self) -> None:
        await self.client.close()


def said() -> list[Any]:
    return [asdict(turn) for turn in TURNS]


class ByChat(OfOpenAI):
    api = "chat"

    async def ask(self, schema: Any = None) -> Any:
        messages: Any = [{"role": "system", "content": SYSTEM}, *said()]
        described = {"name": "answer", "schema": schema, "strict": True}
        more: Any = {"response_format": {"type": "json_schema", "json_schema": described}} if schema else {}
        return await self.client.chat.completions.create(model="m", max_tokens=50, messages=messages, **more)

    def text(self, answer: Any) -> Any:
        return answer.choices[0].message.content

    def counts(self, answer: Any) -> tuple[int, int]:
        return answer.usage.prompt_tokens, answer.usage.completion_tokens


class ByResponses(OfOpenAI):
    api = "responses"

    async def ask(self, schema: Any = None) -> Any:
        described = {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}
        more: Any = {"text": {"format": described}} if schema else {}
        return await self.client.responses.create(
            model="m", max_output_tokens=50, instructions=SYSTEM, input=said(), store=False, **more
        )

    def text(self, answer: Any) -> Any:
        return answer.output_text

    def counts(self, answer: Any) -> tuple[int, int]:
        return answer.usage.input_tokens, answer.usage.output_tokens


class ByAnthropic(Client):
    api = "anthropic"

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        import anthropic  # noqa: PLC0415 - takes a second

        self.package = anthropic
        self.client = anthropic.AsyncAnthropic(base_url=self.root, api_key=KEY, max_retries=0)

    async def ask(self, schema: Any = None) -> Any:
        more: Any = {"output_config": {"format": {"type": "json_schema", "schema": schema}}} if schema else {}
        return await self.client.messages.create(model="m", max_tokens=50, system=SYSTEM, messages=said(), **more)

    def text(self, answer: Any) -> Any:
        return "".join(block.text for block in answer.content if block.type == "text")

    def counts(self, answer: Any) -> tuple[int, int]:
        return answer.usage.input_tokens, answer.usage.output_tokens

    async def close(self) -> None:
        await self.client.close()


class ByGemini(Client):
    api = "gemini"

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        from google import genai  # noqa: PLC0415 - the same
        from google.genai import errors, types  # noqa: PLC0415 - the same

        self.package, self.types = errors, types
        self.client = genai.Client(api_key=KEY, vertexai=False, http_options=types.HttpOptions(base_url=self.root))

    async def ask(self, schema: Any = None) -> Any:
        types = self.types
        roles = {"user": "user", "assistant": "model"}
        contents = [types.Content(role=roles[turn.role], parts=[types.Part(text=turn.content)]) for turn in TURNS]
        config = types.GenerateContentConfig(system_instruction=SYSTEM, max_output_tokens=50)
        if schema:
            config.response_mime_type, config.response_json_schema = "application/json", schema
        return await self.client.aio.models.generate_content(model="m", contents=contents, config=config)

    def text(self, answer: Any) -> Any:
        return answer.text

    def counts(self, answer: Any) -> tuple[int, int]:
        return answer.usage_metadata.prompt_token_count, answer.usage_metadata.candidates_token_count

    async def close(self) -> None:
        await self.client.aio.aclose()


CLIENTS = (ByChat, ByResponses, ByAnthropic, ByGemini)
MOST_TOKENS = {"chat": "max_tokens", "responses": "max_output_tokens", "anthropic": "max_tokens",
               "gemini": "maxOutputTokens"}  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore")  # of the packages, which are not ours
each_package = pytest.mark.parametrize("kind", CLIENTS, ids=lambda kind: kind.api)


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Open:
    """A simulator with these settings, and a client of it."""

    def __init__(self, kind: type[Client], **settings: Any) -> None:
        self._serving = serve(Settings(latency_s=0.0, **settings))
        self._kind = kind

    async def __aenter__(self) -> Client:
        simulator = await self._serving.__aenter__()
        with _quietly():
            self._client = self._kind(simulator)
        return self._client

    async def __aexit__(self, *error: object) -> None:
        await self._client.close()
        await self._serving.__aexit__(None, None, None)


@each_package
async def test_an_answer_is_read_by_the_services_own_package(kind: type[Client]) -> None:
    async with Open(kind) as client:
        answer = await client.ask()
        stats = client.simulator.provider.stats
        assert client.text(answer).startswith("[simulated] ")
        assert client.counts(answer) == (PROMPT_TOKENS, stats.completion_tokens)
        assert (stats.billed, stats.prompt_tokens) == (1, PROMPT_TOKENS)


@each_package
async def test_an_answer_to_a_schema_fits_it(kind: type[Client]) -> None:
    async with Open(kind, completion_tokens=20) as client:
        judgement = json.loads(client.text(await client.ask(SCHEMA)))
    assert list(judgement) == ["reason", "detail"]
    assert judgement["reason"].startswith("[simulated] ")
    assert judgement["detail"] in range(1, 6)


@pytest.mark.parametrize("kind", [ByChat, ByResponses, ByAnthropic], ids=lambda kind: kind.api)
async def test_a_schema_that_the_service_refuses_is_a_bad_request(kind: type[Client]) -> None:
    async with Open(kind) as client:
        with pytest.raises(client.package.BadRequestError, match="additionalProperties"):  # type: ignore[attr-defined]
            await client.ask({**SCHEMA, "additionalProperties": True})


@each_package
@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["text", "schema"])
async def test_our_wire_asks_as_the_services_own_package_does(kind: type[Client], schema: Any) -> None:
    async with Open(kind) as client:
        bodies: list[Any] = []
        decide = client.simulator.provider.decide

        def noted(now: float, api: Api, body: bytes, model: str | None = None) -> Any:
            bodies.append((api, json.loads(body), model))
            return decide(now, api, body, model)

        client.simulator.provider.decide = noted  # type: ignore[method-assign]
        await client.ask(schema)
    ours = wire_of(kind.api, "m", {MOST_TOKENS[kind.api]: 50}, schema)
    tree = json.loads(ours.body(replace(request(), turns=TURNS, system=SYSTEM)))
    tree.pop("stream", None)  # which is false where it is left out
    ((api, theirs, model),) = bodies
    if "systemInstruction" in theirs:
        theirs["systemInstruction"].pop("role", None)  # where it means nothing
    assert (api, theirs) == (kind.api, tree)
    assert model == ("m" if kind.api == "gemini" else None)


OPENAIS = [
    ("rate_limited_429", "RateLimitError"),
    ("insufficient_quota", "RateLimitError"),
    ("unauthorized", "AuthenticationError"),
    ("forbidden_403", "PermissionDeniedError"),
    ("model_not_found", "NotFoundError"),
    ("bad_request", "BadRequestError"),
    ("conflict_409", "ConflictError"),
    ("unprocessable_422", "UnprocessableEntityError"),
    ("server_error_500", "InternalServerError"),
    ("unavailable_503", "InternalServerError"),
]
ERRORS: list[tuple[type[Client], str, str]] = [
    *((kind, fault, name) for kind in (ByChat, ByResponses) for fault, name in OPENAIS),
    *((ByAnthropic, fault, name) for fault, name in OPENAIS if fault not in ("insufficient_quota", "unavailable_503")),
    (ByAnthropic, "insufficient_quota", "BadRequestError"),
    (ByAnthropic, "payment_required_402", "PaymentRequiredError"),
    (ByAnthropic, "too_large_413", "ContentTooLargeError"),
    (ByAnthropic, "spend_limit_429", "RateLimitError"),
    (ByAnthropic, "unavailable_503", "ServiceUnavailableError"),
    (ByAnthropic, "gateway_timeout_504", "GatewayTimeoutError"),
    (ByAnthropic, "overloaded_529", "OverloadedError"),
    (ByGemini, "rate_limited_429", "ClientError"),
    (ByGemini, "daily_quota_429", "ClientError"),
    (ByGemini, "unauthorized", "ClientError"),
    (ByGemini, "forbidden_403", "ClientError"),
    (ByGemini, "model_not_found", "ClientError"),
    (ByGemini, "bad_request", "ClientError"),
    (ByGemini, "server_error_500", "ServerError"),
    (ByGemini, "unavailable_503", "ServerError"),
]


async def error_of(kind: type[Client], fault: str, **settings: Any) -> Any:
    async with Open(kind, fault_shares={fault: 1.0}, **settings) as client:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - the tests look at its class
            await client.ask()
        return caught.value


@pytest.mark.parametrize(("kind", "fault", "name"), ERRORS, ids=lambda value: getattr(value, "api", value))
async def test_an_error_is_what_the_package_knows_it_as(kind: type[Client], fault: str, name: str) -> None:
    """Under this name, or as a kind of it."""
    assert name in {known.__name__ for known in type(await error_of(kind, fault)).__mro__}


async def test_anthropics_package_reads_the_type_and_the_code_of_an_error() -> None:
    assert (await error_of(ByAnthropic, "overloaded_529")).type == "overloaded_error"
    spent = await error_of(ByAnthropic, "spend_limit_429")
    assert (spent.type, spent.error_code) == ("rate_limit_error", "enforced_spend_limit_reached")


async def test_openais_package_reads_the_code_of_an_error() -> None:
    error = await error_of(ByChat, "insufficient_quota")
    assert (error.code, error.type) == ("insufficient_quota", "insufficient_quota")


async def test_googles_package_reads_the_status_and_the_details_of_an_error() -> None:
    error = await error_of(ByGemini, "rate_limited_429", retry_after_s=45.8)
    assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED")
    assert error.details["error"]["details"][-1]["retryDelay"] == "45.8s"
    assert (await error_of(ByGemini, "unauthorized")).details["error"]["details"][0]["reason"] == "API_KEY_INVALID"


async def test_a_refused_call_says_how_long_to_wait_in_the_services_own_way() -> None:
    for kind, header in ((ByChat, "retry-after-ms"), (ByAnthropic, "retry-after")):
        async with Open(kind, requests_per_minute=1) as client:
            await client.ask()
            with pytest.raises(client.package.RateLimitError) as caught:  # type: ignore[attr-defined]
                await client.ask()
            assert float(caught.value.response.headers[header]) > 0


async def test_limits_are_told_in_the_services_own_headers() -> None:
    limits: dict[str, Any] = {"requests_per_minute": 50, "tokens_per_minute": 9000}
    async with Open(ByChat, **limits) as client:
        raw = await client.client.with_raw_response.chat.completions.create(  # type: ignore[attr-defined]
            model="m", max_tokens=50, messages=said()
        )
        assert raw.headers["x-ratelimit-remaining-requests"] == "49"
        assert raw.headers["x-ratelimit-limit-tokens"] == "9000"
    apart = {"requests_per_minute": 50, "input_tokens_per_minute": 3000, "output_tokens_per_minute": 800}
    async with Open(ByAnthropic, **apart) as client:
        raw = await client.client.messages.with_raw_response.create(  # type: ignore[attr-defined]
            model="m", max_tokens=50, messages=said()
        )
        told = {name: value for name, value in raw.headers.items() if name.startswith("anthropic-ratelimit-")}
        assert told["anthropic-ratelimit-requests-remaining"] == "49"
        assert told["anthropic-ratelimit-output-tokens-remaining"] == "750"
        assert told["anthropic-ratelimit-input-tokens-limit"] == "3000"
        assert told["anthropic-ratelimit-input-tokens-reset"].endswith("Z")


@pytest.mark.parametrize(
    ("kind", "fault", "told"),
    [
        (ByResponses, FaultKind.LENGTH, lambda answer: answer.incomplete_details.reason == "max_output_tokens"),
        (ByResponses, FaultKind.ERROR_IN_200, lambda answer: answer.error.code == "server_error"),
        (ByResponses, FaultKind.REFUSAL, lambda answer: answer.output[0].content[0].type == "refusal"),
        (ByResponses, FaultKind.REASONED_AWAY, lambda answer: answer.output[0].type == "reasoning"),
        (ByAnthropic, FaultKind.LENGTH, lambda answer: answer.stop_reason == "max_tokens"),
        (ByAnthropic, FaultKind.REFUSAL, lambda answer: answer.stop_details.type == "refusal"),
        (ByAnthropic, FaultKind.BROKEN_OFF, lambda answer: answer.stop_reason == "pause_turn"),
        (ByAnthropic, FaultKind.REASONED_AWAY, lambda answer: answer.content[0].type == "thinking"),
        (ByGemini, FaultKind.LENGTH, lambda answer: answer.candidates[0].finish_reason.name == "MAX_TOKENS"),
        (ByGemini, FaultKind.CONTENT_FILTER, lambda answer: answer.candidates[0].finish_reason.name == "SAFETY"),
        (ByGemini, FaultKind.PROMPT_BLOCKED, lambda answer: answer.prompt_feedback.block_reason.name != ""),
        (ByGemini, FaultKind.REASONED_AWAY, lambda answer: answer.candidates[0].content.parts[0].thought),
        (ByChat, FaultKind.CONTENT_FILTER, lambda answer: answer.choices[0].finish_reason == "content_filter"),
        (ByChat, FaultKind.REFUSAL, lambda answer: "can't help" in answer.choices[0].message.refusal),
    ],
    ids=lambda value: getattr(value, "api", value) if not callable(value) or isinstance(value, type) else "told",
)
async def test_an_end_without_an_answer_is_read_by_the_package(kind: type[Client], fault: FaultKind, told: Any) -> None:
    async with Open(kind, fault_shares={fault: 1.0}) as client:
        assert told(await client.ask())
