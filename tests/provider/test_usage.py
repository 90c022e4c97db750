"""What was paid, whoever counts it: the ledger never stands below the bill."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.provider.usage import MAX_PLAUSIBLE, Counted, count, usage_of
from asyncsynth.values import Usage
from tests.provider.scripted import request

ASKED = request("x" * 400)  # 100 tokens, by its bytes
TEXT = "y" * 200  # 50 tokens

# Prompt, completion, and as far as they are told: cached, written into a cache, thought.
SHAPES: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("OpenAI", {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16}, (7, 9)),
    ("OpenAI without total", {"prompt_tokens": 7, "completion_tokens": 9}, (7, 9)),
    ("as floats", {"prompt_tokens": 7.0, "completion_tokens": 9.0, "total_tokens": 16.0}, (7, 9)),
    ("in digits", {"prompt_tokens": "7", "completion_tokens": "9"}, (7, 9)),
    (
        "OpenAI's reasoning is a part of the completion",
        {"prompt_tokens": 7, "completion_tokens": 90, "total_tokens": 97,
         "completion_tokens_details": {"reasoning_tokens": 80}},
        (7, 90, 0, 0, 80),
    ),
    (
        "reasoning apart, in the total",
        {"prompt_tokens": 40, "completion_tokens": 80, "total_tokens": 520,
         "completion_tokens_details": {"reasoning_tokens": 400}},
        (40, 480, 0, 0, 400),
    ),
    ("a total above the parts", {"prompt_tokens": 40, "completion_tokens": 80, "total_tokens": 130}, (40, 90)),
    (
        "reasoning apart, without a total",
        {"prompt_tokens": 40, "completion_tokens": 80, "completion_tokens_details": {"reasoning_tokens": 400.0}},
        (40, 480, 0, 0, 400),
    ),
    (
        "reasoning apart, not in the total",
        {"prompt_tokens": 40, "completion_tokens": 80, "total_tokens": 120,
         "completion_tokens_details": {"reasoning_tokens": 400}},
        (40, 480, 0, 0, 400),
    ),
    (
        "reasoning at the top",
        {"prompt_tokens": 40, "completion_tokens": 80, "reasoning_tokens": 400},
        (40, 480, 0, 0, 400),
    ),
    (
        "details that are null, missing or nonsense",
        {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16, "prompt_tokens_details": None,
         "completion_tokens_details": {"reasoning_tokens": None, "audio_tokens": "none"}},
        (7, 9),
    ),
    (
        "cached apart",
        {"prompt_tokens": 40, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": 900}},
        (940, 9, 900),
    ),
    (
        "DeepSeek",
        {"prompt_tokens": 40, "completion_tokens": 9, "total_tokens": 49, "prompt_cache_hit_tokens": 30,
         "prompt_cache_miss_tokens": 10},
        (40, 9, 30),
    ),
    ("Anthropic", {"input_tokens": 7, "output_tokens": 9}, (7, 9)),
    (
        "Anthropic with a cache",
        {"input_tokens": 7, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 1000, "output_tokens": 9},
        (1107, 9, 1000, 100),
    ),
    (
        "Anthropic with a cache for an hour",
        {"input_tokens": 7, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 0, "output_tokens": 9,
         "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 80}},
        (107, 9, 0, 100, 0, 80),
    ),
    (
        "a gateway before Anthropic counts the cache into the prompt",
        {"prompt_tokens": 1107, "completion_tokens": 9, "total_tokens": 1116, "cache_read_input_tokens": 1000},
        (1107, 9, 1000),
    ),
    (
        "Responses",
        {"input_tokens": 70, "input_tokens_details": {"cached_tokens": 60}, "output_tokens": 90,
         "output_tokens_details": {"reasoning_tokens": 64}, "total_tokens": 160},
        (70, 90, 60, 0, 64),
    ),
    (
        "Gemini counts thoughts beside the candidates",
        {"promptTokenCount": 7, "candidatesTokenCount": 9, "thoughtsTokenCount": 400, "totalTokenCount": 416},
        (7, 409, 0, 0, 400),
    ),
    (
        "OpenAI with a cache",
        {"prompt_tokens": 2000, "completion_tokens": 9, "total_tokens": 2009,
         "prompt_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 512, "audio_tokens": 0},
         "completion_tokens_details": {"reasoning_tokens": 0}},
        (2000, 9, 1024, 512),
    ),
    (
        "Responses with a cache",
        {"input_tokens": 70, "input_tokens_details": {"cached_tokens": 40, "cache_write_tokens": 20},
         "output_tokens": 9, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 79},
        (70, 9, 40, 20),
    ),
    (
        "Anthropic thinks",
        {"input_tokens": 7, "output_tokens": 90, "output_tokens_details": {"thinking_tokens": 64}},
        (7, 90, 0, 0, 64),
    ),
    (
        "Gemini with a cache",
        {"promptTokenCount": 7000, "cachedContentTokenCount": 4096, "candidatesTokenCount": 9,
         "totalTokenCount": 7009},
        (7000, 9, 4096),
    ),
    (
        "more cached than asked",
        {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16,
         "prompt_tokens_details": {"cached_tokens": -3, "cache_write_tokens": True}},
        (7, 9),
    ),
    (
        "Gemini with tools",
        {"promptTokenCount": 7, "toolUsePromptTokenCount": 5, "candidatesTokenCount": 9, "totalTokenCount": 21},
        (12, 9),
    ),
    ("Bedrock", {"inputTokens": 7, "outputTokens": 9, "totalTokens": 16, "cacheReadInputTokens": 0}, (7, 9)),
    ("Ollama", {"prompt_eval_count": 7, "eval_count": 9}, (7, 9)),
    ("a total that is too small", {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 3}, (7, 9)),
    ("the prompt by the total", {"completion_tokens": 9, "total_tokens": 16}, (7, 9)),
    ("the completion by the total", {"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 16}, (7, 9)),
]  # fmt: skip


@pytest.mark.parametrize(("given", "tokens"), [pytest.param(*shape[1:], id=shape[0]) for shape in SHAPES])
def test_every_shape_of_a_usage_is_read(given: dict[str, Any], tokens: tuple[int, ...]) -> None:
    assert usage_of(given, ASKED, TEXT) == usage(*tokens)


def usage(prompt: int, completion: int, cached: int = 0, written: int = 0, thought: int = 0, hour: int = 0) -> Usage:
    return Usage(prompt, completion, "endpoint", cached, written, hour, thought)


@pytest.mark.parametrize(
    ("more", "picodollars"),
    [
        ({"cost": 0.00014}, 140_000_000),
        ({"cost": 0}, 0),
        ({"cost": 0.00014, "is_byok": False, "cost_details": {"upstream_inference_cost": 5}}, 140_000_000),
        ({"cost": 0.00001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.0002}}, 210_000_000),
        ({"cost": None}, None),
        ({"cost": {"total_cost": 0.1}}, None),
        ({"cost": -1}, None),
        ({"cost": float("nan")}, None),
        ({"cost": 1e9}, None),
    ],
    ids=str,
)
def test_what_openrouter_says_that_it_charged_is_read(more: dict[str, Any], picodollars: int | None) -> None:
    given = {"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16, **more}
    assert usage_of(given, ASKED, TEXT) == Usage(7, 9, cost=picodollars)
    assert usage_of(more, ASKED, TEXT).cost == picodollars


@pytest.mark.parametrize(
    ("given", "tokens"),
    [
        (None, (100, 50)),
        ({}, (100, 50)),
        ([], (100, 50)),
        (5, (100, 50)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, (100, 50)),
        ({"prompt_tokens": None, "completion_tokens": None}, (100, 50)),
        ({"prompt_tokens": 7}, (7, 50)),
        ({"prompt_tokens": 7, "completion_tokens": 0}, (7, 50)),
        ({"prompt_tokens": -1, "completion_tokens": 9}, (100, 9)),
        ({"prompt_tokens": True, "completion_tokens": 9}, (100, 9)),
        ({"prompt_tokens": 10**12, "completion_tokens": 9}, (100, 9)),
        ({"prompt_tokens": 1e40, "completion_tokens": float("inf")}, (100, 50)),
        ({"prompt_tokens": "many", "completion_tokens": "9" * 30}, (100, 50)),
        ({"total_tokens": 160}, (100, 60)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 60}, (59, 1)),
    ],
    ids=str,
)
def test_a_count_that_is_missing_zero_or_absurd_is_estimated_and_says_so(given: Any, tokens: tuple[int, int]) -> None:
    assert usage_of(given, ASKED, TEXT) == Usage(*tokens, "estimate")


def test_an_estimate_counts_what_was_thought_and_what_is_no_english() -> None:
    assert usage_of(None, ASKED, TEXT, "z" * 400) == Usage(100, 150, "estimate")
    assert usage_of(None, request("物語" * 100), "夜" * 100) == Usage(150, 75, "estimate")


def test_no_text_needs_no_completion_tokens() -> None:
    assert usage_of({"prompt_tokens": 7, "completion_tokens": 0}, ASKED, "") == Usage(7, 0)


def test_a_usage_of_zeros_is_told_and_one_of_nothing_is_not() -> None:
    assert count({"prompt_tokens": 0, "completion_tokens": 0}) == Counted(0, 0, told=True)
    assert count({"prompt_tokens": None}) == Counted()
    assert count(None) == Counted()


NUMBERS = st.one_of(st.integers(-5, 2 * MAX_PLAUSIBLE), st.floats(), st.none(), st.booleans(), st.text(max_size=5))
NAMES = ["prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "thoughtsTokenCount", "reasoning_tokens"]


@given(st.dictionaries(st.sampled_from(NAMES), NUMBERS))
def test_no_usage_raises_and_none_is_below_what_it_names(given: dict[str, Any]) -> None:
    usage = usage_of(given, ASKED, TEXT)
    believed = [
        int(value)
        for name, value in given.items()
        if name in NAMES[:3] and type(value) in (int, float) and 0 <= value <= MAX_PLAUSIBLE
    ]
    assert usage.prompt_tokens + usage.completion_tokens >= max(believed, default=0)
