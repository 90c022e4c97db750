"""What requests share at their beginning, measured, and the order that makes the most of it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest

from asyncsynth.recipe.recipe import Recipe
from tests.recipe.test_recipe import recipe as recipe_of

PAGE = "word " * 300


def recipe(request: str, *, order: str = "even", **more: Any) -> Recipe:
    axes = {"page": tuple(f"{number} {PAGE}" for number in range(4)), "question": tuple("abcdef")}
    return recipe_of(axes, {"order": order}, {"request": request, **more})


@pytest.mark.parametrize(
    ("asked", "names", "shared"),
    [
        ("{{ page }}\n\n{{ question }}\n{{ uuid }}", ("page",), 1504),
        ("{{ uuid }}\n{{ page }}\n\n{{ question }}", (), 0),
        ("{% if page %}Read: {{ page | upper }}{% endif %} {{ uuid }} {{ question }}", ("page",), 1509),
        ("Question {{ question }}: {{ page }}", ("question",), 12),
        ("One and the same.", (), 17),
    ],
)
def test_the_beginning_is_what_the_most_is_shared_by(asked: str, names: tuple[str, ...], shared: int) -> None:
    found = recipe(asked).beginning(with_uuid=True)
    assert (found.names, found.shared) == (names, shared)


def test_without_its_uuid_a_request_shares_what_it_would_if_that_stood_at_the_end() -> None:
    found = recipe("{{ uuid }} {{ page }} {{ question }}").beginning(with_uuid=False)
    assert (found.names, found.groups, found.shared) == (("page",), 4, 1504)


def test_a_system_text_comes_first() -> None:
    found = recipe("{{ uuid }} {{ question }}", system="Read: {{ page }}").beginning(with_uuid=True)
    assert (found.names, found.shared, found.system) == (("page",), 1508, 1508)


def test_samples_that_begin_alike_follow_each_other_and_are_the_same_as_in_any_order() -> None:
    in_groups = recipe("{{ page }} {{ question }}", order="prefix")
    assert in_groups.grouping is not None
    found = list(in_groups.grouping.samples(0))
    assert sorted(sample.key for _, sample in found) == sorted(recipe("{{ page }} {{ question }}").sample_keys())
    assert [page for page, _ in groupby(sample.combination["page"] for _, sample in found)] == [
        sample.combination["page"] for begins, sample in found if begins
    ]
    assert len({in_groups.grouping.of(sample) for _, sample in found}) == 4


def test_where_nothing_is_shared_the_order_is_the_usual_one() -> None:
    assert recipe("{{ uuid }} {{ page }}", order="prefix").grouping is None
    assert recipe("{{ page }} {{ question }}").grouping is None
