"""Duplicates: the same examples, and answers that are nearly the same."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.outputs.duplicates import duplicates
from asyncsynth.outputs.examples import Kind
from asyncsynth.quality.originals import Originals
from tests.outputs.records import dialogue, pair, preference

WORDS = [f"word{number}" for number in range(2000)]


def originals(threshold: float) -> Callable[[str], bool]:
    return Originals(threshold).repeats


def answer(seed: int, changed: int = 0, words: int = 200) -> str:
    """So many words, of which some are others than without the change."""
    text = random.Random(seed).choices(WORDS, k=words)
    for place in random.Random(seed + 1).sample(range(words), changed):
        text[place] = f"other{place}"
    return " ".join(text)


def test_of_the_same_examples_only_the_first_is_taken() -> None:
    found = duplicates("exact", Kind.PAIR, originals)
    assert found(pair("a", "b")) is None
    assert found(pair("a", "b", number=1)) == "exact duplicates"
    assert found(pair("a", "B")) is None
    assert found(pair("b", "b")) is None, "the same answer to another prompt teaches something else"
    assert found(pair("a\0b", "")) is None


@pytest.mark.parametrize(
    ("how", "changed", "near"),
    [("near", 0, True), ("near", 5, True), ("near", 40, False), ("near=0.5", 12, True), ("near=0.95", 10, False)],
)
def test_answers_that_share_enough_are_near(how: str, changed: int, near: bool) -> None:
    """Of 200 words, one that differs takes three of 198 runs of three words away."""
    found = duplicates(how, Kind.PAIR, originals)
    for seed in range(20):
        assert found(pair(f"prompt {seed}", answer(seed))) is None
    told = [found(pair(f"other prompt {seed}", answer(seed, changed))) for seed in range(20)]
    assert told.count("near-duplicates") == (20 if near else 0)


def test_labels_are_alike_by_nature_and_only_the_same_examples_are_duplicates() -> None:
    found = duplicates("near", Kind.PAIR, originals)
    assert [found(pair(f"Is {number} even?", "yes, it is")) for number in range(9)] == [None] * 9
    assert found(pair("Is 3 even?", "yes, it is")) == "exact duplicates"


@pytest.mark.parametrize("kind", [Kind.DIALOGUE, Kind.PREFERENCE])
def test_of_other_kinds_what_the_model_is_to_say_is_compared(kind: Kind) -> None:
    one, other = answer(1), answer(2)
    found = duplicates("near", kind, originals)
    if kind is Kind.DIALOGUE:
        assert found(dialogue(f"user: {other}", f"assistant: {one}")) is None
        assert found(dialogue("user: hello", f"assistant: {one}")) == "near-duplicates"
        assert found(dialogue(f"user: {one}", f"assistant: {other}")) is None
    else:
        assert found(preference("a", one, other)) is None
        assert found(preference("b", one, other)) == "near-duplicates"
        assert found(preference("a", other, one)) is None


@pytest.mark.parametrize("how", ["", "fuzzy", "near=2", "near=0", "near=x", "exact=1", "near=nan"])
def test_any_other_way_is_refused(how: str) -> None:
    with pytest.raises(UsageError, match="--dedupe"):
        duplicates(how, Kind.PAIR, originals)
