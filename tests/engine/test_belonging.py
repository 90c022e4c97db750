"""Which answers belong to a sample, by their keys alone."""

from __future__ import annotations

from asyncsynth.engine.belonging import keys_of
from asyncsynth.engine.stage import Stage
from tests.engine.test_course import JUDGED, SAMPLE, Shelf, Step

CHOSEN, REJECTED = Step("chosen", retry=1), Step("rejected")
PAIR = [Stage(CHOSEN), Stage(REJECTED), Stage(Step("grade", ("chosen",))), Stage(Step("other", ("rejected",)))]


def belonging(stages: list[Stage], *keys: str) -> set[str]:
    """Of answers that are there those that belong to the sample."""
    return set(keys_of(stages, SAMPLE, Shelf(dict.fromkeys(keys, "a text"))))


def test_what_does_not_need_a_missing_answer_belongs_as_before() -> None:
    """A dropped answer, or one of a changed request, must not take with it what was paid beside it."""
    beside = ("rejected()#0", "other(rejected()#0/0)#0")
    assert belonging(PAIR, *beside, "grade(chosen()#0/0)#0") == set(beside)


def test_all_takes_belong_and_what_was_made_of_each() -> None:
    keys = {"chosen()#0", "chosen()#1", "rejected()#0", "grade(chosen()#0/0)#0", "grade(chosen()#1/0)#0"}
    assert belonging(PAIR, *keys) == keys


def test_what_was_made_of_a_missing_answer_belongs_no_longer() -> None:
    assert belonging(JUDGED, "story(outline()#0/0)#0") == set()
