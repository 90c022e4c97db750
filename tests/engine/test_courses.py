"""The courses of a run: samples that ask the same share what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from unittest import mock

from msgspec.structs import replace

from asyncsynth.engine.courses import Courses
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.stage import Known, Stage
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import GivenUp, Request, Sample
from tests.engine.fake_recipe import FakeRecipe
from tests.engine.faults import REJECTED
from tests.engine.test_course import OUTLINE, STORY, Forbids, Shelf, Step


class StepsRecipe(FakeRecipe):
    accepted = 0


class Kept(Shelf):
    """With dead letters of an earlier run."""

    def came(self, key: str) -> bool:
        del key
        return False

    def given_up(self, key: str, sample: Sample, step: str) -> GivenUp:
        return GivenUp(replace(sample, key=key), 0, None, REJECTED, 1, 0.0, (), step)


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


def test_a_sample_that_comes_to_a_dead_letter_of_an_earlier_run_ends_with_it_and_asks_nothing() -> None:
    """The take before it was dropped, and is rejected once more."""
    stages, writer = [Stage(OUTLINE, Forbids("bad")), Stage(STORY)], mock.Mock()
    courses = Courses(StepsRecipe(["a"]), stages, Kept(dead="outline()#1"), Inventory(0, 0, 1, 2), writer)  # type: ignore[arg-type]
    asked = next(courses.requests())
    assert isinstance(asked, Request)

    assert list(courses.follow(asked, StoredAnswer("outline()#0", "bad", b""))) == []

    ((told,),) = (call.args for call in writer.ended.call_args_list)
    assert (told.sample.key, told.step, len(told.rows)) == ("outline()#1", "outline", 1)


class Own(Step):
    """Its key has the sample in it, so that no two share an answer."""

    def takes(self, sample: Sample, earlier: Mapping[str, Known]) -> Callable[[int], str]:
        key = super().takes(sample, earlier)
        return lambda take: f"{sample.combination['ask']}: {key(take)}"


def test_a_sample_that_had_its_end_is_not_told_again_when_another_one_has_bought_a_take_that_they_share() -> None:
    """One judges the outline for itself and sends it back; the other one had taken it, or was given up with it."""
    stages = [Stage(OUTLINE), Stage(Own("grade", ("outline",)), Forbids("weak", "outline"), judges=True)]
    for good in ("good: grade(outline()#0/0)#0", "another"):
        kept = Kept({"outline()#0": "a plot", good: "fine"}, dead="good: grade(outline()#0/0)#0")
        writer = mock.Mock()
        recipe = StepsRecipe(["strict", "good"], alike=True)
        courses = Courses(recipe, stages, kept, Inventory(1, 0, 1, 1), writer)  # type: ignore[arg-type]
        requests = courses.requests()
        asked = next(requests)
        for text in ("weak", "another plot", "fine"):
            assert isinstance(asked, Request)
            asked = next(iter(courses.follow(asked, StoredAnswer(asked.sample.key, text, b""))), None)
        writer.reset_mock()

        assert list(requests) == [None]
        courses.conclude()
        writer.ended.assert_not_called()


def test_nothing_is_asked_for_a_sample_beside_whose_first_step_another_was_given_up_in_this_run() -> None:
    stages, writer = [Stage(Own("title")), Stage(OUTLINE), Stage(STORY)], mock.Mock()
    recipe = StepsRecipe(["a", "b", "c"], alike=True, limit=2)
    courses = Courses(recipe, stages, Kept(), Inventory(0, 0, 2, 2), writer)  # type: ignore[arg-type]
    requests = courses.requests()
    title = next(requests)
    assert isinstance(title, Request)
    (outline,) = courses.follow(title, StoredAnswer(title.sample.key, "a title", b""))
    assert isinstance(outline, Request)
    courses.given_up(GivenUp(outline.sample, 0, outline, REJECTED, 1, 0.0, ()))

    assert list(requests) == [None]
    courses.conclude()
    told = [row.combination["ask"] for call in writer.ended.call_args_list for row in call.args[0].rows]
    assert told == ["b", "c"]
