"""Promises of recipe.permutation: a bijection, decided by size and seed alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.recipe.permutation import Permutation


@given(size=st.integers(1, 400), seed=st.text())
def test_every_number_comes_once(size: int, seed: str) -> None:
    order = Permutation(size, seed)

    assert sorted(order.at(index) for index in range(size)) == list(range(size))


@given(data=st.data(), size=st.integers(1, 10**40), seed=st.text())
def test_numbers_of_any_size_stay_in_range_and_apart(data: st.DataObject, size: int, seed: str) -> None:
    order = Permutation(size, seed)
    indexes = data.draw(st.lists(st.integers(0, size - 1), unique=True, max_size=5))
    numbers = [order.at(index) for index in indexes]

    assert all(0 <= number < size for number in numbers)
    assert len(set(numbers)) == len(indexes)


def test_order_is_the_same_in_every_version() -> None:
    order = Permutation(1000, "2022/walks/0")

    assert [order.at(index) for index in range(8)] == [406, 932, 902, 11, 823, 34, 611, 284]


def test_seeds_give_different_orders() -> None:
    orders = {tuple(Permutation(50, str(seed)).at(index) for index in range(50)) for seed in range(100)}

    assert len(orders) == 100


def test_first_numbers_are_spread() -> None:
    """Averaged over seeds, every number is equally likely to come first, within the noise of 6,400 draws."""
    counts = [0] * 64
    for seed in range(6400):
        counts[Permutation(64, str(seed)).at(0)] += 1

    # Chi-squared with 63 degrees of freedom: 103 is passed once in 1,000 random tables.
    assert sum((count - 100) ** 2 / 100 for count in counts) < 103
