"""What of a store belongs to a recipe, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from asyncsynth.config import Combinations, Prompt
from asyncsynth.engine.reuse import NOTED_EVERY, Reuse, compare, missing
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.ledger import Run, Spent, Totals
from asyncsynth.values import Sample


def recipe(*genres: str, limit: int = 0, temperature: float = 1.0, request: str = "{{ uuid }} {{ genre }}") -> Recipe:
    return Recipe.of(
        {"genre": genres},
        Combinations(limit=limit, repeats=2),
        Prompt(request=request, record="{{ genre }}: "),
        api="chat",
        model="m",
        parameters={"temperature": temperature},
    )


@dataclass
class Letter:
    key: str
    combination: Mapping[str, Any]
    repeat: int


def run_of(made: Recipe | None, records: int, *, number: int = 1, calls: int | None = None) -> Run:
    """A run of a recipe (None: no run line is known for it) that made so many records."""
    totals = Totals(records if calls is None else calls, recorded=Spent(records))
    return Run(number if made else 0, 0.0, "complete", totals, made.fingerprint if made else None)


@dataclass
class Shelf:
    """A store in memory."""

    kept: list[Sample] = field(default_factory=list)
    given_up: list[Sample] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    scans: int = 0
    noted: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.runs = self.runs or [run_of(None, len(self.kept))]

    @property
    def done(self) -> set[str]:
        return {sample.key for sample in self.kept}

    @property
    def dead(self) -> Mapping[str, Letter]:
        return {one.key: Letter(one.key, one.combination, one.repeat) for one in self.given_up}

    def has(self, key: str) -> bool:
        return key in self.done or key in self.dead

    def generation(self, key: str) -> int:
        return 3 if key in self.done else 0

    def ended(self, order: str) -> int:
        return self.noted.get(order, 0)

    def note_ended(self, order: str, samples: int) -> None:
        self.noted[order] = samples

    def records(self) -> Iterator[Mapping[str, Any]]:
        self.scans += 1
        return ({"key": one.key, "combination": one.combination, "repeat": one.repeat} for one in self.kept)


def test_an_empty_store_has_everything_to_make_without_a_look_at_it() -> None:
    assert compare(recipe("a", "b"), Shelf(), None, limited=False) == Reuse(0, 4, 0, 0, 0)


def test_a_value_more_reuses_all_that_is_there() -> None:
    small, large = recipe("a", "b"), recipe("a", "b", "c")
    assert compare(large, Shelf(list(small.samples())), small, limited=False) == Reuse(4, 2, 0, 0, 0)


def test_a_changed_temperature_leaves_all_behind_that_belonged_before() -> None:
    before, now = recipe("a", "b"), recipe("a", "b", temperature=0.5)
    assert compare(now, Shelf(list(before.samples())), before, limited=False) == Reuse(0, 4, 0, 4, 4)


def test_what_was_left_behind_earlier_is_not_newly_left() -> None:
    first, second, third = recipe("a", temperature=0.1), recipe("a", "b"), recipe("a", "b", "c")
    shelf = Shelf([*first.samples(), *second.samples()])
    assert compare(third, shelf, second, limited=False) == Reuse(4, 2, 0, 2, 0)


def test_a_dead_letter_is_neither_reused_nor_made() -> None:
    one = recipe("a", "b")
    samples = list(one.samples())
    assert compare(one, Shelf(samples[:1], samples[1:2]), None, limited=False) == Reuse(1, 2, 1, 0, 0)


def test_a_limit_counts_only_its_own_samples_and_leaves_nothing_behind() -> None:
    everything, limited = recipe("a", "b", "c"), recipe("a", "b", "c", limit=2)
    assert compare(limited, Shelf(list(everything.samples())), None, limited=True) == Reuse(2, 0, 0, 0, 0)


def test_records_of_runs_of_this_recipe_all_belong_and_are_not_read() -> None:
    one, limited = recipe("a", "b"), recipe("a", "b", limit=2)
    samples = list(one.samples())
    shelf = Shelf(samples[:2], samples[2:3], [run_of(limited, 1), run_of(one, 1, number=2)])
    assert compare(one, shelf, None, limited=False) == Reuse(2, 1, 1, 0, 0)
    assert compare(limited, shelf, None, limited=True) == Reuse(2, 0, 0, 0, 0)
    assert shelf.scans == 0


def test_a_run_without_records_decides_nothing() -> None:
    one, other = recipe("a", "b"), recipe("a", "b", temperature=0.5)
    shelf = Shelf(list(one.samples()), runs=[run_of(one, 4), run_of(other, 0, number=2, calls=3)])
    assert compare(one, shelf, other, limited=False) == Reuse(4, 0, 0, 0, 0)
    assert shelf.scans == 0


@pytest.mark.parametrize("limit", [0, 2])
def test_records_of_another_recipe_are_told_apart_by_reading_them(limit: int) -> None:
    first, second = recipe("a", "b"), recipe("b", limit=limit)
    shelf = Shelf(list(first.samples()), runs=[run_of(first, 4)])
    assert compare(second, shelf, first, limited=bool(limit)) == Reuse(2, 0, 0, 2, 2)
    shelf.runs = [run_of(first, 3), run_of(second, 1, number=2)]
    assert compare(second, shelf, None, limited=bool(limit)) == Reuse(2, 0, 0, 2, 0)
    assert shelf.scans == 2


def test_records_of_no_known_run_are_read() -> None:
    one = recipe("a", "b")
    foreign = list(recipe("c").samples())
    shelf = Shelf([*one.samples(), *foreign], runs=[run_of(None, 2), run_of(one, 4)])
    assert compare(one, shelf, None, limited=False) == Reuse(4, 0, 0, 2, 0)


def test_records_that_no_call_was_made_for_are_read() -> None:
    """Somebody copied them from another directory, with their run's number."""
    one = recipe("a", "b")
    samples, foreign = list(one.samples()), list(recipe("c").samples())
    shelf = Shelf([*samples[:2], *foreign], runs=[run_of(one, 4, calls=2)])
    assert compare(one, shelf, None, limited=False) == Reuse(2, 2, 0, 2, 0)


def test_missing_gives_the_requests_that_are_not_there_in_order() -> None:
    one = recipe("a", "b")
    samples = list(one.samples())
    requests = list(missing(one, Shelf(samples[1:2], samples[2:3])))
    assert [request and request.sample.key for request in requests] == [samples[0].key, None, None, samples[3].key]


def test_samples_that_ask_the_same_are_asked_once() -> None:
    alike = Recipe.of(
        {"place": ({"name": "x", "note": "1"}, {"name": "x", "note": "2"})},
        Combinations(),
        Prompt(request="{{ place.name }}", record="{{ place.name }}"),
        api="chat",
        model="m",
        parameters={},
    )
    assert [request is not None for request in missing(alike, Shelf())] == [True, False]


def test_a_generation_more_has_another_uuid() -> None:
    one = recipe("a")
    first, again = (one.request(next(one.samples()), generation) for generation in (0, 1))
    assert first.text != again.text
    assert first.prompt == again.prompt


@pytest.mark.parametrize("samples", [NOTED_EVERY * 2 + 10])
def test_keys_that_have_ended_are_forgotten(samples: int) -> None:
    class Done(Shelf):
        def has(self, key: str) -> bool:
            return bool(ended) and key in ended

        def generation(self, key: str) -> int:
            return 0

    ended: set[str] = set()
    many = Recipe.of(
        {"n": tuple(range(samples))},
        Combinations(),
        Prompt(request="{{ n }}", record="{{ n }}"),
        api="chat",
        model="m",
        parameters={},
    )
    shelf = Done()
    requests = missing(many, shelf)
    for request in requests:
        assert request is not None
        ended.add(request.sample.key)
    assert requests.gi_frame is None  # type: ignore[attr-defined] # missing() is a generator
    assert len(ended) == samples
    assert shelf.noted == {many.order: NOTED_EVERY * 2}
    assert list(missing(many, shelf)) == [None] * 10


def test_what_is_noted_as_ended_stops_at_the_first_sample_that_has_not() -> None:
    shelf, many = Shelf(), recipe(*map(str, range(NOTED_EVERY)))
    samples = list(many.samples())
    ended = {one.key for number, one in enumerate(samples) if number not in (7, 9)}

    class Most(Shelf):
        def has(self, key: str) -> bool:
            return key in ended and key in asked

    asked: set[str] = set()
    shelf = Most()
    for request in missing(many, shelf):
        assert request is not None
        asked.add(request.sample.key)
    assert shelf.noted == {many.order: 7}
    ended.add(samples[7].key)
    again = [request.sample.key for request in missing(many, shelf) if request is not None]
    assert again == [samples[9].key]
    assert shelf.noted == {many.order: 9}
