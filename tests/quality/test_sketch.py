"""A sketch has all runs of three words of a text, and nothing else."""

from __future__ import annotations

import pytest

from asyncsynth.quality.sketch import sketch_of, sketch_of_words
from asyncsynth.quality.words import WORDS


@pytest.mark.parametrize("number", [1, 3, WORDS, WORDS + 1, 2 * WORDS - 2, 2 * WORDS - 1, 5 * WORDS])
def test_runs_are_those_of_all_words(number: int) -> None:
    words = [b"word%d" % each for each in range(number)]
    of_each = [sketch_of_words(words[at : at + 3]).digest() for at in range(max(number - 2, 1))]
    assert sketch_of_words(words).digest() == [min(minima) for minima in zip(*of_each, strict=True)]


def test_long_words_differ_wherever_they_differ() -> None:
    words = [
        "short",
        *(f"{begin}{'x' * length}{end}" for length in (30, 37, 38, 39, 200) for begin in "ab" for end in "ab"),
    ]
    digests = {tuple(sketch_of(f"one {word} two").digest()) for word in [*words, *(f"{word}y" for word in words)]}
    assert len(digests) == 2 * len(words)


def test_how_long_the_others_are_makes_no_difference_to_a_word() -> None:
    long = "x" * 100
    alike = sketch_of("the dog barked at us all night").jaccard(sketch_of(f"the dog barked at us all night {long}"))
    assert alike == pytest.approx(5 / 6, abs=0.12)
