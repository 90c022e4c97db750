from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.servers.simulator.draws import fingerprint, seed_key
from asyncsynth.servers.simulator.text import MARK, count_tokens, write


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("éé", 1), ("ééa", 2)])
def test_a_token_is_four_bytes_rounded_up(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


def test_lone_surrogates_are_counted() -> None:
    assert count_tokens("\ud83d" * 4) == 3


@given(st.binary(max_size=20), st.integers(1, 3000))
def test_text_is_marked_ascii_and_about_as_long_as_wanted(prompt: bytes, tokens: int) -> None:
    text = write(seed_key(1), fingerprint(prompt), tokens)
    assert text.startswith(MARK)
    assert text.isascii()
    assert text.endswith(".")
    assert tokens - 1 <= count_tokens(text) <= max(tokens, 25)
    assert all(1 <= len(word) <= 16 for word in text.removeprefix(MARK).split())


def test_text_longer_than_the_corpus_is_whole() -> None:
    assert count_tokens(write(seed_key(1), fingerprint(b"x"), 100_000)) in (99_999, 100_000)


def test_text_is_fixed_by_prompt_and_seed_in_every_version() -> None:
    """The literal text guards rehearsals that are compared across machines."""
    text = write(seed_key(7), fingerprint(b"a prompt"), 20)
    assert text == TEXT_OF_SEED_7
    assert write(seed_key(8), fingerprint(b"a prompt"), 20) != text


def test_texts_differ_from_prompt_to_prompt() -> None:
    assert len({write(seed_key(0), fingerprint(b"%d" % number), 60)[:60] for number in range(5000)}) > 4990


TEXT_OF_SEED_7 = "[simulated] Almost field secret brother brother his. Although and morning befor."
