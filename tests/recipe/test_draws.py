"""Promises of recipe.draws: a value for each sample by its weight, which stays where nothing of the sample changes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from asyncsynth.config import Combinations, Prompt, Record
from asyncsynth.config.sources import Axes, Drawn
from asyncsynth.recipe.recipe import Recipe

NAMES = tuple(f"n{number}" for number in range(2000))
MOODS = ("calm", "angry", "sad")


def recipe(axes: Axes, request: str = "{{ name }} {{ mood }}", **combinations: Any) -> Recipe:
    endpoint: dict[str, Any] = {"api": "chat", "model": "m", "parameters": {}}
    return Recipe.of(axes, Combinations(**combinations), Prompt(request=request), Record(prompt="x"), **endpoint)


def drawn(axes: Axes, *names: str, **given: Any) -> dict[Any, Any]:
    """By the name and repeat of a sample, what it drew."""
    found = {}
    for sample in recipe(axes, **given).samples():
        values = tuple(sample.combination[name] for name in names or ("mood",))
        found[str(sample.combination["name"]), sample.repeat] = values if len(values) > 1 else values[0]
    return found


def moods(*values: str, weights: tuple[float, ...] | None = None) -> Axes:
    return {"mood": Drawn(values, weights or (1.0,) * len(values)), "name": NAMES}


def test_draws_multiply_nothing_and_stand_in_the_order_of_the_axes() -> None:
    made = recipe(moods(*MOODS))
    assert made.total == made.combinations == len(NAMES)
    assert {tuple(sample.combination) for sample in made.samples()} == {("mood", "name")}
    assert [made.at(position) for position in made.positions()] == list(made.samples())


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0), (3.0, 1.0, 0.25)])
def test_each_value_is_drawn_as_often_as_its_weight_says(weights: tuple[float, ...]) -> None:
    counts = Counter(drawn(moods(*MOODS, weights=weights), repeats=2).values())
    for mood, weight in zip(MOODS, weights, strict=True):
        share = weight / sum(weights)
        assert abs(counts[mood] - 4000 * share) < 5 * (4000 * share * (1 - share)) ** 0.5


def test_a_value_more_wins_its_share_and_changes_nothing_else() -> None:
    before, after = drawn(moods(*MOODS)), drawn(moods("wild", *reversed(MOODS)))
    changed = [after[sample] for sample in before if before[sample] != after[sample]]
    assert set(changed) == {"wild"}
    assert 400 < len(changed) < 600


def test_seed_repeat_and_axis_draw_apart() -> None:
    two: Axes = {**moods(*MOODS), "other": Drawn(MOODS, (1.0,) * 3)}
    both = Counter(drawn(two, "mood", "other", repeats=2).values())
    assert len(both) == 9
    assert min(both.values()) > 300
    first = drawn(moods(*MOODS), repeats=2)
    assert 400 < sum(first[name, 0] == first[name, 1] for name in NAMES) < 900
    other = drawn(moods(*MOODS), repeats=2, seed=5)
    assert 900 < sum(first[sample] == other[sample] for sample in first) < 1800


def test_the_order_of_axes_changes_no_draw() -> None:
    def made(axes: Axes) -> set[frozenset[Any]]:
        return {frozenset(sample.combination.items()) for sample in recipe(axes).samples()}

    kinds: Axes = {"kind": ("a", "b"), **moods(*MOODS)}
    assert made({name: kinds[name] for name in reversed(list(kinds))}) == made(kinds)


def test_names_of_axes_change_no_draw() -> None:
    renamed: Axes = {"tone": Drawn(MOODS, (1.0,) * 3), "name": NAMES}
    assert drawn(renamed, "tone", request="{{ name }} {{ tone }}") == drawn(moods(*MOODS))


def test_a_column_that_the_request_does_not_use_changes_no_draw() -> None:
    def with_stock(stock: int) -> Axes:
        return {"row": tuple({"id": name, "stock": stock} for name in NAMES), "mood": Drawn(MOODS, (1.0,) * 3)}

    def keys(request: str, stock: int) -> set[str]:
        return set(recipe(with_stock(stock), request).sample_keys())

    used = "{{ row.id }} {{ row['id'] }} {{ mood }}"
    assert keys(used, 1) == keys(used, 2)
    assert keys("{{ row.id }} {{ mood }}{% if row == 1 %}{% endif %}", 1) != keys("{{ row.id }} {{ mood }}", 2)


def test_what_is_drawn_follows_from_the_rest_and_needs_no_proof() -> None:
    assert not recipe(moods(*MOODS)).alike
    assert not recipe(moods(*MOODS), "{{ name }}").alike
    assert recipe(moods(*MOODS), "{{ mood }}").alike


def test_a_recipe_with_draws_comes_back_from_its_facts() -> None:
    made = recipe(moods(*MOODS, weights=(3.0, 1.0, 0.25)))
    back = Recipe.of_facts(made.facts())
    assert (back.order, list(back.samples())) == (made.order, list(made.samples()))
    assert recipe(moods(*MOODS)).order != made.order
