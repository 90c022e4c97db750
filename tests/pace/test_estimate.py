"""Estimates correct themselves."""

from __future__ import annotations

import random

import pytest

from asyncsynth.pace.estimate import OVERHEAD_TOKENS, TokenEstimate, size
from asyncsynth.values import Usage


@pytest.mark.parametrize("bytes_per_token", [1.0, 2.5, 4.0, 6.0])
def test_the_ratio_is_learnt_from_a_few_answers(bytes_per_token: float) -> None:
    estimate = TokenEstimate()
    for _ in range(5):
        estimate.observe(400, Usage(round(400 / bytes_per_token) + OVERHEAD_TOKENS, 10))
    assert estimate.prompt(400) == pytest.approx(400 / bytes_per_token + OVERHEAD_TOKENS, abs=2)
    assert estimate.prompt(4_000) >= 4_000 / bytes_per_token + OVERHEAD_TOKENS


def test_short_prompts_do_not_make_a_long_one_look_small() -> None:
    estimate = TokenEstimate()
    for _ in range(5):
        estimate.observe(72, Usage(18, 400))  # most of it is text here, where a chat template adds next to nothing
    assert estimate.prompt(1_700) > 1_700 / 4


@pytest.mark.parametrize("overhead", [0, 3, 8])
def test_a_prompt_longer_than_those_before_is_not_underestimated(overhead: int) -> None:
    """What a template adds is counted with the bytes, so short prompts tell little of somewhat longer ones."""
    estimate = TokenEstimate()
    for _ in range(60):
        estimate.observe(60, Usage(overhead + 60 // 4, 20))
    assert all(estimate.prompt(size) >= overhead + size // 4 for size in (60, 90, 130, 300, 3_000))


def test_what_all_prompts_have_in_common_does_not_make_a_longer_one_look_small() -> None:
    """800 bytes of few tokens in the template, and text of four bytes a token after them."""
    rng, estimate = random.Random(1), TokenEstimate()
    for _ in range(60):
        text = rng.randint(100, 1_500)
        estimate.observe(800 + text, Usage(OVERHEAD_TOKENS + 20 + text // 4, 10))
    for text in (100, 800, 1_500, 2_500, 9_000):
        assert OVERHEAD_TOKENS + 20 + text // 4 <= estimate.prompt(800 + text) <= 2 * text // 4 + 200


def test_prompts_of_one_size_do_not_make_a_longer_one_look_small() -> None:
    estimate = TokenEstimate()
    for _ in range(60):
        estimate.observe(787, Usage(OVERHEAD_TOKENS + 10, 10))
    assert estimate.prompt(787 + 400) >= OVERHEAD_TOKENS + 10 + 400 // 4


def test_a_change_of_the_ratio_is_followed() -> None:
    estimate = TokenEstimate()
    for bytes_per_token in [4] * 100 + [3] * 200:
        estimate.observe(1_200, Usage(1_200 // bytes_per_token, 10))
    assert estimate.prompt(1_200) - OVERHEAD_TOKENS == pytest.approx(1_200 / 3, rel=0.05)


@pytest.mark.parametrize("tokens", [0, 10**9])
def test_an_outlier_does_not_spoil_it(tokens: int) -> None:
    estimate = TokenEstimate()
    for _ in range(50):
        estimate.observe(400, Usage(108, 10))
    estimate.observe(400, Usage(tokens, 10))
    assert estimate.prompt(400) == pytest.approx(108, rel=0.1)


@pytest.mark.parametrize("tokens", [0, 10**9])
def test_nonsense_at_the_start_stays_within_what_text_can_be(tokens: int) -> None:
    estimate = TokenEstimate()
    estimate.observe(400, Usage(tokens, 10))
    assert 400 / 16 <= estimate.prompt(400) <= 400 + OVERHEAD_TOKENS


def test_where_prompts_vary_hardly_any_is_underestimated() -> None:
    rng, estimate, under = random.Random(1), TokenEstimate(), 0
    for _ in range(1_000):
        tokens = rng.randint(100, 1_000)
        prompt_bytes = round(4 * tokens * rng.uniform(0.9, 1.1))
        under += estimate.prompt(prompt_bytes) < tokens + OVERHEAD_TOKENS
        estimate.observe(prompt_bytes, Usage(tokens + OVERHEAD_TOKENS, 10))
    assert under < 50


def test_our_own_estimates_teach_nothing() -> None:
    estimate = TokenEstimate()
    before = estimate.expected(400, None)
    estimate.observe(400, Usage(9, 9, "estimate"))
    assert estimate.expected(400, None) == before


def test_without_max_tokens_the_usual_completion_counts() -> None:
    estimate = TokenEstimate()
    for _ in range(100):
        estimate.observe(400, Usage(108, 321))
    assert estimate.expected(400, None) - estimate.prompt(400) == pytest.approx(321, abs=1)
    assert estimate.expected(400, 1_000) - estimate.prompt(400) == 1_000


@pytest.mark.parametrize(("text", "expected"), [("", 0), ("abc", 3), ("héé", 5), ("漢字", 6), ("\ud800", 3)])
def test_size_is_utf8_bytes_lone_surrogates_included(text: str, expected: int) -> None:
    assert size(text) == expected
