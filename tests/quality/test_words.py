"""Words are counted as people count them, with and without blanks between them."""

from __future__ import annotations

import random

import pytest

from asyncsynth.quality.words import WORDS, count_words, has_words, words_in_utf8, words_of


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


def test_there_are_so_many_words_as_are_counted() -> None:
    rng = random.Random(3)
    pieces = ["one", "\u2014", " ", " \n", "\u3000", "\x1f", "山", "，", "・ "]
    for _ in range(2_000):
        text = "".join(rng.choices(pieces, k=rng.randrange(9)))
        assert [least for least in range(10) if has_words(text, least)] == list(range(count_words(text) + 1)), text


def test_of_a_long_text_the_first_words_are_compared() -> None:
    assert words_of("Wort " * 1_000) == ["wort"] * WORDS
    assert words_of("山" * 1_000) == ["山"] * WORDS


def test_capitals_of_all_alphabets_are_small_letters() -> None:
    rng = random.Random(4)
    pieces = [
        "One",
        "\u2014",
        "\u201cTwo\u201d",
        " ",
        " ",
        "\u00a0",
        "\x1f",
        "\u00c9t\u00e9",
        "\u0130",
        "\u03a3",
        "\u212a",
        "\ud800",
    ]
    for _ in range(500):
        text = "".join(rng.choices(pieces, k=rng.randrange(9)))
        words = words_of(text)
        assert words == text.encode("utf-8", "replace").decode().lower().split(), text
        if "\x1f" not in text:
            assert words_in_utf8(text) == [word.encode() for word in words], text
