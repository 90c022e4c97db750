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


def test_a_text_of_few_words_repeats_nothing() -> None:
    known = Originals(0.8)
    assert [known.repeats(text) for text in (" \n", " \n", "yes, it is", "yes, it is")] == [False] * 4


def test_chinese_texts_are_compared_by_their_characters() -> None:
    known = Originals(0.5)
    story = "从前有一座山,山里有一座庙,庙里有一个老和尚在给小和尚讲故事。"
    assert [known.repeats(text) for text in (story, story.replace("小和尚", "小孩子"))] == [False, True]
