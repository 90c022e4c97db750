"""The courses of a run: samples that ask the same share what comes of it."""

from __future__ import annotations

from unittest import mock

from asyncsynth.engine.courses import Courses
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.stage import Stage
from asyncsynth.values import GivenUp, Request
from tests.engine.fake_recipe import FakeRecipe
from tests.engine.faults import REJECTED
from tests.engine.test_course import OUTLINE, STORY, Shelf


class StepsRecipe(FakeRecipe):
    accepted = 0


class Kept(Shelf):
    def is_dead(self, key: str) -> bool:
        return key is None


def test_a_sample_that_is_begun_after_another_ones_dead_letter_tells_the_same_step() -> None:
    recipe, stages, writer = StepsRecipe(["a", "b"], alike=True), [Stage(OUTLINE), Stage(STORY)], mock.Mock()
    courses = Courses(recipe, stages, Kept(), Inventory(0, 0, 2, 2), writer)  # type: ignore[arg-type]
    requests = courses.requests()
    asked = next(requests)
    assert isinstance(asked, Request)

    first = courses.given_up(GivenUp(asked.sample, 0, asked, REJECTED, 1, 0.0, ()))
    assert list(requests) == [None]

    ((told,),) = (call.args for call in writer.ended.call_args_list)
    assert (first.step, told.step) == ("outline", "outline")
    assert [row.combination["ask"] for row in told.rows] == ["b"]
