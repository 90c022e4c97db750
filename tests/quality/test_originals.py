"""Whole texts are compared, in any number, and what repeats another one is not remembered."""

from __future__ import annotations

from asyncsynth.quality.originals import Originals

OPENING = " ".join(f"word{number}" for number in range(300))


def test_a_text_that_repeats_an_earlier_one_is_told() -> None:
    known = Originals(0.8)
    assert [known.repeats(text) for text in (OPENING, f"{OPENING} again", "something else altogether")] == [
        False,
        True,
        False,
    ]


def test_what_comes_after_a_long_opening_counts() -> None:
    known = Originals(0.8)
    endings = [" ".join(f"{ending}{number}" for number in range(300)) for ending in "ab"]
    assert [known.repeats(f"{OPENING} {ending}") for ending in endings] == [False, False]


def test_a_text_without_a_word_repeats_nothing() -> None:
    known = Originals(0.8)
    assert [known.repeats(" \n") for _ in range(2)] == [False, False]
