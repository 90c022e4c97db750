"""An answer that nearly repeats an earlier one is told from one that doesn't."""

from __future__ import annotations

import random

import pytest

from asyncsynth.quality import bands
from asyncsynth.quality.repeated import EarlierAnswers, bits_of, minima_of, share_of
from asyncsynth.quality.sketch import sketch_of

WORDS = 150


def text(rng: random.Random) -> list[str]:
    return [f"w{rng.randrange(3_000)}" for _ in range(WORDS)]


def changed(words: list[str], places: int, rng: random.Random) -> str:
    """With so many other words, far from each other."""
    new = list(words)
    for at in range(places):
        new[at * WORDS // places + 1] = f"v{rng.randrange(3_000)}"
    return " ".join(new)


def shared(places: int) -> float:
    """Of the runs of three words of either text: each change takes three."""
    same = WORDS - 2 - 3 * places
    return same / (2 * (WORDS - 2) - same)


@pytest.mark.parametrize("places", [2, 7, 14, 25])
def test_the_share_in_common_is_told_within_a_tenth(places: int) -> None:
    rng = random.Random(places)
    for _ in range(20):
        words = text(rng)
        one, other = (bits_of(minima_of(sketch_of(text))) for text in (" ".join(words), changed(words, places, rng)))
        assert share_of(one, other) == pytest.approx(shared(places), abs=0.12)


@pytest.mark.parametrize(("threshold", "alike", "apart"), [(0.5, 9, 25), (0.8, 2, 10), (0.3, 16, 40)])
def test_what_is_above_the_threshold_is_found_and_what_is_below_is_not(
    threshold: float, alike: int, apart: int
) -> None:
    assert shared(apart) + 0.1 < threshold < shared(alike) - 0.1
    rng = random.Random(1)
    seen = EarlierAnswers(threshold)
    texts = [text(rng) for _ in range(200)]
    assert [seen.add(" ".join(words)) for words in texts] == [None] * 200
    found = [seen.add(changed(words, alike, rng)) for words in texts]
    assert sum(rejection is not None for rejection in found) >= 0.95 * len(texts)
    assert [seen.add(changed(words, apart, rng)) for words in texts] == [None] * 200


def test_an_answer_of_long_ago_is_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "CAPACITY", 3)
    rng = random.Random(6)
    texts = [text(rng) for _ in range(8)]
    seen = EarlierAnswers(0.5)
    assert [seen.add(" ".join(words)) for words in texts] == [None] * 8
    assert all(seen.add(changed(words, 3, rng)) for words in texts)


def test_a_repetition_says_how_much_is_the_same() -> None:
    seen = EarlierAnswers(0.5)
    story = "Once upon a time there was a dog that could not bark"
    assert seen.add(story) is None
    assert seen.add(story) == ("duplicate", "repeats an earlier answer: 100% of the wording is the same")


def test_nothing_repeats_a_text_without_a_word() -> None:
    seen = EarlierAnswers(0.5)
    assert [seen.add(text) for text in ("", " \n", "", "one", "two", "one")][:5] == [None] * 5


def test_texts_do_not_lead_from_one_to_another() -> None:
    rng = random.Random(5)
    first = text(rng)
    second = changed(first, 9, rng)
    third = changed(second.split(), 15, rng)  # nearly the second one, which was rejected
    seen = EarlierAnswers(0.5)
    assert seen.add(" ".join(first)) is None
    assert seen.add(second) is not None
    assert seen.add(third) is None


def test_chinese_texts_are_compared_by_their_characters() -> None:
    seen = EarlierAnswers(0.5)
    assert seen.add("从前有一座山,山里有一座庙,庙里有一个老和尚在给小和尚讲故事。") is None
    assert seen.add("从前有一座山,山里有一座庙,庙里有一个老和尚在给小孩子讲故事。") is not None
    assert seen.add("今天天气很好,我们一起去公园散步,然后回家吃晚饭。") is None
