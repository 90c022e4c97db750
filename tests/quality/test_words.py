"""Words are counted as people count them, with and without blanks between them."""

from __future__ import annotations

import pytest

from asyncsynth.quality.words import WORDS, count_words, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" \n", 0),
        ("Once upon a time", 4),
        ("don\u2019t \u2014 stop\u00a0now", 4),
        ("从前有一座山，山里有庙。", 10),
        ("用GPT-4写的诗", 5),
        ("むかし、むかし", 6),
        ("カラー・テレビ", 6),
        ("옛날 옛적에", 2),
        ("Жили были", 2),
    ],
)
def test_words_are_counted(text: str, words: int) -> None:
    assert count_words(text) == words


def test_of_a_long_text_the_first_words_are_compared() -> None:
    assert words_of("Wort " * 1_000) == ["wort"] * WORDS
    assert words_of("山" * 1_000) == ["山"] * WORDS
