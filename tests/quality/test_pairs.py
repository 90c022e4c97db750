"""Pairs of texts that are nearly the same."""

from __future__ import annotations

from asyncsynth.quality.pairs import near_pairs

PLOT = "a doctor finds a letter in the harbour and follows it over the mountain to a house that nobody remembers"
OTHER = "two sisters sell their garden to a stranger who never speaks and always pays in silver before the storm"


def test_texts_that_differ_in_a_word_are_a_pair_and_others_are_not() -> None:
    near = near_pairs([PLOT, OTHER, PLOT.replace("doctor", "painter"), ""], 10)
    assert [(pair.left, pair.right) for pair in near.pairs] == [(0, 2)]
    assert 0.5 <= near.pairs[0].similarity < 1
    assert near.doubles == {0, 2}


def test_the_closest_come_first_and_no_more_than_are_asked_for() -> None:
    near = near_pairs([PLOT, OTHER, PLOT.replace("doctor", "painter"), OTHER], 1)
    assert [(pair.left, pair.right, pair.similarity) for pair in near.pairs] == [(1, 3, 1.0)]
    assert near.doubles == {0, 1, 2, 3}
