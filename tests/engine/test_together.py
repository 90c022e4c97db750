"""Samples that begin alike are sent one after the other, one of each ahead of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.missing import missing
from asyncsynth.engine.together import WINDOW, in_windows, with_one_ahead
from asyncsynth.values import Sample
from tests.engine.fake_recipe import FakeRecipe, key_of
from tests.engine.test_missing import Progress, asked, everything


class InGroups:
    """Samples that ask the same letter, in capitals or not, are a group; b1, a1, B2, A2, ... of the recipe."""

    order = "groups"

    def __init__(self, recipe: FakeRecipe) -> None:
        self._recipe = recipe
        self.samples: Callable[[int], Iterator[tuple[bool, Sample]]] = self._samples

    def of(self, sample: Sample) -> Any:
        return str(sample.combination["ask"]).lower()

    def _samples(self, start: int) -> Iterator[tuple[bool, Sample]]:
        ordered = sorted(map(self._recipe.at, range(self._recipe.total)), key=self.of)
        before = [None, *map(self.of, ordered)]
        for sample, previous in list(zip(ordered, before, strict=False))[start:]:
            yield self.of(sample) != previous, sample


class Grouped(FakeRecipe):
    def __init__(self, asks: Sequence[str], **more: Any) -> None:
        super().__init__(asks, **more)
        self.grouping = InGroups(self)


def test_one_of_each_group_goes_ahead_of_those_that_follow_the_ones_before_it() -> None:
    led = [(thing.isupper(), thing) for thing in "AaaaBbbC"]
    assert "".join(map(str, with_one_ahead(iter(led), 2))) == "AaBaaCbb"
    assert "".join(map(str, with_one_ahead(iter(led), 0))) == "AaaaBbbC"


def test_a_window_puts_together_what_is_in_it_and_is_bounded() -> None:
    numbers = iter(range(3 * WINDOW))
    found = in_windows(numbers, lambda number: number % 5)
    first = next(found)
    assert (first, next(numbers)) == ((True, 0), WINDOW)
    of_first = [led[1] for led in found if led is not None][: WINDOW - 1]
    assert [number % 5 for number in of_first] == sorted(number % 5 for number in of_first)


def test_all_that_is_missing_is_asked_for_in_groups_and_noted_in_their_order() -> None:
    recipe, progress = Grouped("abAcB"), Progress({key_of("a")})
    assert asked(missing(recipe, progress, everything(recipe))) == "-AbBc"
    assert asked(missing(recipe, progress, everything(recipe), noted_every=2)) == "-AbBc"
    assert progress.noted == {"groups": 1}
    assert asked(missing(recipe, progress, everything(recipe))) == "AbBc"


def test_a_limit_asks_for_the_same_samples_as_in_any_order_in_groups() -> None:
    recipe, progress = Grouped("abAcBC", limit=4), Progress({key_of("b")})
    wanted = Inventory(1, 0, 3, 3)
    assert asked(missing(recipe, progress, wanted, noted_every=1)) == "-aAc"
    assert progress.noted == {}


def test_of_samples_that_ask_the_same_one_is_asked() -> None:
    recipe = Grouped("abaAb")
    wanted = Inventory(0, 0, 5, 3, end=4)
    assert asked(missing(recipe, Progress(), wanted)) == "--aAb"
