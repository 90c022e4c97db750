"""What samples put into their records."""

from __future__ import annotations

from array import array

from asyncsynth.engine.rows import Rows
from asyncsynth.values import Action, Billing, Fault, GivenUp, Row, Sample
from tests.engine.fake_recipe import FakeRecipe, key_of


def given_up(sample: Sample) -> GivenUp:
    return GivenUp(sample, 0, None, Fault("refusal", Action.DEAD, Billing.NO, ""), 1, 0.0, ())


def test_an_answer_makes_a_row_for_its_sample() -> None:
    recipe = FakeRecipe("ab")
    (row,) = Rows(recipe, {}).answered(recipe.at(1), "text")
    assert row == Row({"n": 1, "ask": "b"}, 0, {"prompt": "1: ", "completion": "text"})


def test_an_answer_that_is_shared_makes_a_row_for_each_sample() -> None:
    recipe = FakeRecipe("abaa")
    rows = Rows(recipe, {key_of("a"): array("Q", [2, 3])})
    assert [row.fields["prompt"] for row in rows.answered(recipe.at(0), "text")] == ["0: ", "2: ", "3: "]
    assert [row.combination["n"] for row in rows.given_up(given_up(recipe.at(0))).rows] == [0, 2, 3]
    assert len(rows.answered(recipe.at(1), "text")) == len(rows.given_up(given_up(recipe.at(1))).rows) == 1


def test_a_record_that_cannot_be_rendered_has_a_problem_and_costs_no_other() -> None:
    recipe = FakeRecipe("aa", unrendered=[1])
    first, second = Rows(recipe, {key_of("a"): array("Q", [1])}).answered(recipe.at(0), "text")
    assert (first.problem, second.problem) == (None, "no record of a")
    assert second.fields == {}
