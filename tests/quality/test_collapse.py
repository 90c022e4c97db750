"""Texts that repeat each other are told from texts that don't, and by how much."""

from __future__ import annotations

import random

import pytest

from asyncsynth.quality.collapse import Opening, collapse_of, opening_of
from asyncsynth.quality.window import FEWEST, NEWEST, Look, Window, why_stop


def texts(number: int, seed: int = 1, words: int = 120) -> list[str]:
    """Texts of random words, each its own."""
    rng = random.Random(seed)
    return [" ".join(f"w{rng.randrange(5_000)}" for _ in range(words)) for _ in range(number)]


def planted(number: int, share: float) -> list[str]:
    """Of which so many say the same, but for one word in forty."""
    same = texts(1, seed=2)[0].split()
    rng = random.Random(3)
    alike = []
    for _ in range(round(number * share)):
        words = list(same)
        for at in rng.sample(range(3, len(words)), len(words) // 40):
            words[at] = f"v{rng.randrange(5_000)}"
        alike.append(" ".join(words))
    mixed = alike + texts(number - len(alike))
    rng.shuffle(mixed)
    return mixed


@pytest.mark.parametrize("share", [0.0, 0.1, 1 / 3, 0.9])
def test_a_planted_share_of_repetitions_is_seen_within_2_points(share: float) -> None:
    found = collapse_of(planted(300, share))
    assert found.near_duplicates == pytest.approx(share, abs=0.02)
    assert found.opening.share == pytest.approx(share, abs=0.02)
    assert found.shared_runs == pytest.approx(share, abs=0.02)


def test_more_repetition_means_less_distinct_and_more_compressed() -> None:
    none, much = collapse_of(planted(200, 0.0)), collapse_of(planted(200, 0.8))
    assert much.distinct_pairs < 0.5 < none.distinct_pairs
    assert much.compression > 2 * none.compression


def test_long_texts_weigh_no_more_than_others() -> None:
    long = [" ".join([text, *["and so on"] * 5_000]) for text in texts(50, words=250)]
    assert collapse_of(long).near_duplicates == 0.0


def test_an_opening_is_the_same_whatever_its_case_and_one_alone_is_none() -> None:
    assert opening_of(["Once upon a time", "ONCE upon a day", "In the end"]) == Opening("once upon a", 2 / 3)
    assert opening_of(["Once upon a time", "In the end it"]).share == 0.0
    assert opening_of(["", " "]).share == 0.0


@pytest.mark.parametrize("odd", [[], [""], ["", ""], ["one"], ["\ud800 x"]])
def test_odd_texts_have_figures_too(odd: list[str]) -> None:
    assert collapse_of(odd).texts == len(odd)


def test_the_lengths_are_in_words_also_of_texts_without_blanks() -> None:
    assert collapse_of(["one two", "从前有一座山。", "three"]).words == (1, 2, 6)


def test_a_window_looks_at_the_newest_and_says_nothing_of_few() -> None:
    window = Window()
    for text in texts(FEWEST - 1):
        window.add(text, "stop", ())
    assert window.look() is None
    for text in planted(NEWEST, 1.0):
        window.add(text, "stop", ())
    look = window.look()
    assert look is not None
    assert look.near_duplicates == pytest.approx(1.0, abs=0.02)
    for text in texts(NEWEST, seed=9):
        window.add(text, "stop", ())
    assert window.look() == Look(0.0, 0.0)


def test_a_window_looked_at_often_says_what_one_look_says() -> None:
    often, once = Window(), Window()
    for number, text in enumerate(planted(700, 0.4)):
        often.add(text, "stop", ())
        once.add(text, "stop", ())
        if number % 70 == 0:
            often.look()
    assert often.look() == once.look()


def test_a_bound_that_is_reached_is_named() -> None:
    look = Look(0.31, 0.1)
    assert why_stop(look, {"near_duplicates": 0.4, "opening": 0.2}) is None
    told = why_stop(look, {"near_duplicates": 0.3})
    assert told == "quality.stop_when.near_duplicates = 0.3 is reached: it is 31% of the newest answers"
