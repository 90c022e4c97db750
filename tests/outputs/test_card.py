"""The card of a data set on the Hub."""

from __future__ import annotations

import pytest

from asyncsynth.outputs.card import card, size_category


@pytest.mark.parametrize(
    ("examples", "category"),
    [
        (1, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (99_999, "10K<n<100K"),
        (100_000, "100K<n<1M"),
        (10**9, "100M<n<1B"),
    ],
)
def test_the_size_is_one_of_the_hubs_categories(examples: int, category: str) -> None:
    assert size_category(examples) == category


def test_the_card_says_what_is_where() -> None:
    places = {"train": "data/train-00000-of-00001.parquet", "test": "data/test-00000-of-00001.parquet"}
    text = card("plots", {"train": 900, "test": 100}, places, "cc-by-4.0")
    head = text.split("---\n")[1]
    assert "license: cc-by-4.0\n" in head
    assert "tags:\n- synthetic\n- asyncsynth\n" in head
    assert "size_categories:\n- 1K<n<10K\n" in head
    assert '  - split: test\n    path: "data/test-00000-of-00001.parquet"\n' in head
    assert "dataset_info" not in text
