"""The samples that a run has to make, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.missing import NOTED_EVERY, missing
from asyncsynth.values import Request, Sample
from tests.engine.fake_recipe import FakeRecipe, key_of


@dataclass
class Progress:
    """What has ended, and what was noted of it."""

    ended_keys: set[str] = field(default_factory=set)
    noted: dict[str, int] = field(default_factory=dict)

    def has(self, key: str) -> bool:
        return key in self.ended_keys

    def generation(self, key: str) -> int:
        return 3 if key == key_of("g") else 0

    def ended(self, order: str) -> int:
        return self.noted.get(order, 0)

    def note_ended(self, order: str, samples: int) -> None:
        self.noted[order] = samples


def everything(recipe: FakeRecipe) -> Inventory:
    return Inventory(0, 0, recipe.total, recipe.total)


def asked(requests: Iterator[Request | Sample | None]) -> str:
    """The texts that are asked for, "-" for what is there, and "!" for what can't be rendered."""
    kinds = {type(None): "-", Sample: "!"}
    return "".join(
        str(one.sample.combination["ask"]) if isinstance(one, Request) else kinds[type(one)] for one in requests
    )


def test_what_is_not_there_is_asked_for_in_order() -> None:
    recipe = FakeRecipe("abcd")
    assert asked(missing(recipe, Progress({key_of("b"), key_of("c")}), everything(recipe))) == "a--d"


def test_a_dropped_answer_is_asked_for_under_its_next_generation() -> None:
    (request,) = missing(FakeRecipe("g"), Progress(), everything(FakeRecipe("g")))
    assert isinstance(request, Request)
    assert (request.generation, request.text) == (3, "g 3")


def test_what_cannot_be_asked_is_given_as_it_is() -> None:
    recipe = FakeRecipe("abc", problems=[1])
    assert asked(missing(recipe, Progress(), everything(recipe))) == "a!c"


def test_samples_that_ask_the_same_are_asked_once() -> None:
    recipe = FakeRecipe("abab")
    assert asked(missing(recipe, Progress(), everything(recipe))) == "ab--"


def test_a_limit_ends_the_row_when_so_many_were_asked_for() -> None:
    recipe = FakeRecipe("abcdef", limit=3)
    assert asked(missing(recipe, Progress({key_of("b")}), Inventory(1, 0, 2, 2))) == "a-c"


def test_a_limit_with_shared_answers_ends_where_the_inventory_says() -> None:
    recipe = FakeRecipe("aabaccd", limit=4)
    assert asked(missing(recipe, Progress(), Inventory(0, 0, 4, 2, end=3))) == "a-b"


def test_keys_that_have_ended_are_forgotten_and_noted_as_ended() -> None:
    many = FakeRecipe([str(n) for n in range(NOTED_EVERY * 2 + 10)])
    progress = Progress()
    for request in missing(many, progress, everything(many)):
        assert isinstance(request, Request)
        progress.ended_keys.add(request.sample.key)
    assert len(progress.ended_keys) == many.total
    assert progress.noted == {many.order: NOTED_EVERY * 2}
    assert list(missing(many, progress, everything(many))) == [None] * 10


def test_what_is_noted_as_ended_stops_at_the_first_sample_that_has_not() -> None:
    many = FakeRecipe([str(n) for n in range(20)])
    progress = Progress()
    for request in missing(many, progress, everything(many), noted_every=10):
        assert isinstance(request, Request)
        if request.sample.combination["n"] not in (3, 12):
            progress.ended_keys.add(request.sample.key)
    assert progress.noted == {many.order: 3}
    assert asked(missing(many, progress, everything(many), noted_every=10)).replace("-", "") == "312"
