"""What of a store belongs to a recipe, and what a change would leave behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from asyncsynth.engine.inventory import Inventory, take_inventory
from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.keys import KeySet
from asyncsynth.store.mark import Extent, Mark
from tests.engine.fake_recipe import FakeRecipe, key_of


@dataclass
class Shelf:
    """A store in memory."""

    kept: Sequence[str] = ()
    given_up: Sequence[str] = ()
    views: Mark = field(default_factory=Mark)
    new_answers: Sequence[str] = ()
    cleared: frozenset[str] = frozenset()
    order: str = ""

    @property
    def answered(self) -> KeySet:
        keys = KeySet()
        for ask in self.kept:
            keys.add(key_of(ask))
        return keys

    @property
    def dead(self) -> Mapping[str, DeadLetter]:
        return {
            key_of(ask): DeadLetter(key_of(ask), 0, {}, 0, "refusal", "", 1, None, "", self.order)
            for ask in self.given_up
        }


def viewed(recipe: FakeRecipe, records: int, **rest: object) -> Mark:
    return Mark(recipe.fingerprint, recipe.order, records=Extent(records))


def test_an_empty_store_has_everything_to_make_without_a_look_at_the_samples() -> None:
    recipe = FakeRecipe("abcd")
    assert take_inventory(recipe, Shelf(), None) == Inventory(0, 0, 4, 4)
    assert recipe.looked_at == 0


def test_a_value_more_reuses_all_that_is_there() -> None:
    assert take_inventory(FakeRecipe("abcde"), Shelf("abcd"), FakeRecipe("abcd")) == Inventory(4, 0, 1, 1)


def test_a_changed_request_leaves_all_behind_that_belonged_before() -> None:
    found = take_inventory(FakeRecipe("ABCD"), Shelf("abcd"), FakeRecipe("abcd"))
    assert found == Inventory(0, 0, 4, 4, left=4, newly_left=4)


def test_what_was_left_behind_earlier_is_not_newly_left() -> None:
    found = take_inventory(FakeRecipe("bcd"), Shelf("1abc"), FakeRecipe("abc"))
    assert found == Inventory(2, 0, 1, 1, left=2, newly_left=1)


def test_nothing_is_newly_left_where_nothing_would_be_bought() -> None:
    assert take_inventory(FakeRecipe("bc"), Shelf("abc"), FakeRecipe("abc")) == Inventory(2, 0, 0, 0, left=1)


def test_nothing_is_newly_left_where_no_run_was_before() -> None:
    assert take_inventory(FakeRecipe("bcd"), Shelf("abc"), None) == Inventory(2, 0, 1, 1, left=1)


def test_a_dead_letter_is_neither_there_nor_made() -> None:
    assert take_inventory(FakeRecipe("abcd"), Shelf("a", "b"), None) == Inventory(1, 1, 2, 2)


def test_a_dead_letter_of_another_recipe_is_not_counted() -> None:
    assert take_inventory(FakeRecipe("ab"), Shelf("a", "x"), None) == Inventory(1, 0, 1, 1)


@pytest.mark.parametrize(("limit", "to_make"), [(1, 0), (2, 0), (3, 1), (5, 3), (9, 4)])
def test_what_is_there_counts_against_the_limit_first(limit: int, to_make: int) -> None:
    recipe = FakeRecipe("abcdef", limit=limit)
    assert take_inventory(recipe, Shelf("ef"), None) == Inventory(2, 0, to_make, to_make)


def test_a_dead_letter_counts_against_the_limit_after_what_is_there() -> None:
    assert take_inventory(FakeRecipe("abcdef", limit=4), Shelf("ab", "f"), None) == Inventory(2, 1, 1, 1)


@pytest.mark.parametrize("changed", ["fedcba", "zabcdef", "abc", "cfeadb"])
def test_another_seed_size_or_order_of_an_axis_under_a_limit_buys_nothing(changed: str) -> None:
    before, there = FakeRecipe("abcdef", limit=3), "abc"
    assert take_inventory(FakeRecipe(changed, limit=3), Shelf(there), before) == Inventory(3, 0, 0, 0)


def test_a_limit_that_is_filled_up_with_others_says_what_is_left_behind() -> None:
    found = take_inventory(FakeRecipe("cdefgh", limit=3), Shelf("abc"), FakeRecipe("abcdef", limit=3))
    assert found == Inventory(1, 0, 2, 2, left=2, newly_left=2)


def test_samples_that_ask_the_same_are_one_request() -> None:
    found = take_inventory(FakeRecipe("abab"), Shelf(), None)
    assert (found.to_make, found.requests) == (4, 2)
    assert {key: list(twins) for key, twins in found.twins.items()} == {key_of("a"): [2], key_of("b"): [3]}


def test_samples_that_share_an_answer_that_is_there_are_all_there() -> None:
    found = take_inventory(FakeRecipe("ababc"), Shelf("a", "b"), None)
    assert (found.there, found.dead, found.to_make, found.requests, found.twins) == (2, 2, 1, 1, {})


@pytest.mark.parametrize(
    ("limit", "to_make", "requests", "end"), [(1, 3, 1, 1), (3, 3, 1, 1), (4, 4, 2, 3), (5, 6, 3, 5), (6, 6, 3, 5)]
)
def test_samples_that_cost_nothing_come_with_their_request_also_over_the_limit(
    limit: int, to_make: int, requests: int, end: int
) -> None:
    recipe = FakeRecipe("aabaccd", limit=limit)
    found = take_inventory(recipe, Shelf(), None)
    assert (found.to_make, found.requests, found.end) == (to_make, requests, end)
    asked = dict.fromkeys(recipe.asks[: found.end])
    assert sum(map(len, found.twins.values())) == to_make - requests
    assert found.twins.keys() <= {key_of(ask) for ask in asked}
    after = take_inventory(recipe, Shelf("".join(asked)), recipe)
    assert (after.there, after.to_make, after.requests) == (to_make, 0, 0)


def test_a_recipe_that_may_ask_alike_but_does_not_is_counted_right() -> None:
    found = take_inventory(FakeRecipe("abcdef", alike=True, limit=4), Shelf("b"), None)
    assert (found.there, found.to_make, found.requests, found.twins, found.end) == (1, 3, 3, {}, 4)


def test_where_the_views_know_this_order_no_sample_is_looked_at() -> None:
    recipe = FakeRecipe("abcdef")
    shelf = Shelf("abcxy", "d", viewed(recipe, 2), [key_of("c")], order=recipe.order)
    assert take_inventory(recipe, shelf, None) == Inventory(3, 1, 2, 2, left=2)
    assert recipe.looked_at == 0


@pytest.mark.parametrize("doubt", ["order", "cleared", "letter", "alike"])
def test_the_views_are_not_believed_where_they_may_not_tell(doubt: str) -> None:
    recipe = FakeRecipe("abcdef", alike=doubt == "alike")
    shelf = Shelf("abc", "d", viewed(recipe, 99), order=recipe.order)
    if doubt == "order":
        shelf.views = viewed(FakeRecipe("abc"), 99)
    if doubt == "cleared":
        shelf.cleared = frozenset([key_of("a")])
    if doubt == "letter":
        shelf.order = "another"
    found = take_inventory(recipe, shelf, None)
    assert (found.there, found.dead, found.to_make) == (3, 1, 2)
