"""The course of a sample: what it asks next, given the answers so far, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from asyncsynth.engine.course import Course, course
from asyncsynth.engine.level import Ask
from asyncsynth.engine.stage import Known, Passed, Rejection, SentBack, Stage
from asyncsynth.engine.trail import Dead, Done, End, Failed
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import Request, Sample

SAMPLE = Sample("", {"genre": "horror"}, 0)


class Step:
    """Asks for "NAME of ANSWERS", with keys that can be read: NAME(ANSWERS)#TAKE."""

    def __init__(self, name: str, needs: tuple[str, ...] = (), retry: int = 0) -> None:
        self.name, self.lane, self.needs, self.retry, self.shows_reason = name, name, needs, retry, False
        self.stand_in: Callable[[str], Any] = str

    def takes(self, sample: Sample, earlier: Mapping[str, Known]) -> Callable[[int], str]:
        del sample
        made_from = ",".join(earlier[name].name for name in self.needs)
        return lambda take: f"{self.name}({made_from})#{take}"

    def request(
        self,
        sample: Sample,
        values: Mapping[str, Any],
        *,
        take: int,
        generation: int,
        rejected: Any = None,
        lost: int = 0,
    ) -> Request:
        text = f"{self.name} of {', '.join(map(str, values.values()))}"
        return Request(sample, generation, f"{text}{rejected or ''}{lost or ''}", None, (), self.name, take)


class Forbids:
    """Rejects texts that have a word; a judge sends the step of this name back."""

    in_order = None

    def __init__(self, word: str, judged: str | None = None) -> None:
        self._word, self._judged = word, judged
        self.sees = () if judged is None else (judged,)

    def look(self, answer: StoredAnswer, values: Callable[[], Mapping[str, Any]]) -> Passed | Rejection | SentBack:
        del values
        if self._word not in answer.text:
            return Passed(lambda: answer.text)
        rejection = Rejection("forbid", f"has {self._word}")
        return rejection if self._judged is None else SentBack(self._judged, rejection)


class Shelf:
    is_empty = False

    def __init__(
        self, texts: Mapping[str, str] | None = None, generations: Mapping[str, int] | None = None, dead: str = ""
    ) -> None:
        self._texts, self._generations, self._dead = dict(texts or {}), dict(generations or {}), dead

    def answer(self, key: str) -> Callable[[], StoredAnswer] | None:
        return (lambda: stored(key, self._texts[key])) if key in self._texts else None

    def generation(self, key: str) -> int:
        return self._generations.get(key, 0)

    def is_dead(self, key: str) -> bool:
        return key == self._dead


def stored(key: str, text: str) -> StoredAnswer:
    return StoredAnswer(key, text, b"")


OUTLINE, STORY = Step("outline", retry=1), Step("story", ("outline",), retry=1)
VERDICT, VERDICT_OF_OUTLINE = Step("verdict", ("story",)), Step("grade", ("outline",))
BESIDE = Step("beside", retry=1)
TWO = [Stage(OUTLINE, Forbids("bad")), Stage(STORY, Forbids("bad"))]
JUDGED = [Stage(OUTLINE), Stage(STORY), Stage(VERDICT, Forbids("weak", "story"), judges=True)]


def walked(way: Course, *texts: str) -> tuple[list[str], Ask | End]:
    """What is asked, one after the other, when these are the answers; then what is asked next, or the end."""
    asked, answers = [], list(texts)
    try:
        ask = next(way)
        while answers:
            asked.append(ask.key)
            ask = way.send(ask.answered(partial(stored, ask.key, answers.pop(0))))
    except StopIteration as stop:
        assert not answers, "it asks for more than it needs"
        return asked, stop.value
    return asked, ask


def assumed(way: Course) -> list[str]:
    """The keys that it asks for where no answer was made yet."""
    keys, ask = [], next(way)
    try:
        while True:
            keys.append(ask.key)
            ask = way.send(ask.answered(None))
    except StopIteration:
        return keys


def values_of(end: Ask | End) -> dict[str, Any]:
    assert isinstance(end, Done)
    return end.trail.values


def test_a_later_step_is_asked_with_the_answer_of_an_earlier_one_and_has_it_in_its_key() -> None:
    asked, story = walked(course(TWO, SAMPLE, Shelf()), "a plot")
    assert isinstance(story, Ask)
    assert (asked, story.key) == (["outline()#0"], "story(outline()#0/0)#0")
    assert story.request().text == "story of a plot"


def test_when_all_steps_have_an_answer_it_ends_with_them() -> None:
    _, end = walked(course(TWO, SAMPLE, Shelf()), "a plot", "a tale")
    assert values_of(end) == {"outline": "a plot", "story": "a tale"}


def test_what_is_there_is_not_asked_for() -> None:
    there = Shelf({"outline()#0": "a plot", "story(outline()#0/0)#0": "a tale"})
    asked, end = walked(course(TWO, SAMPLE, there))
    assert asked == []
    assert values_of(end) == {"outline": "a plot", "story": "a tale"}


def test_a_rejected_answer_is_asked_for_once_more_and_the_next_step_is_made_from_what_passed() -> None:
    asked, end = walked(course(TWO, SAMPLE, Shelf()), "bad", "a plot", "a tale")
    assert asked == ["outline()#0", "outline()#1", "story(outline()#1/0)#0"]
    assert values_of(end)["outline"] == "a plot"


def test_after_its_last_take_it_is_given_up_with_the_gate_and_the_last_answer() -> None:
    _, end = walked(course(TWO, SAMPLE, Shelf()), "bad", "bad again")
    assert isinstance(end, Failed)
    assert (end.step, end.rejection, end.takes) == ("outline", Rejection("forbid", "has bad"), 2)
    assert end.last is not None
    assert end.last.key == "outline()#1"


def test_who_opens_what_was_given_up_finds_the_same_last_answer() -> None:
    there = Shelf({"outline()#0": "bad plot", "outline()#1": "bad again"})
    asked, end = walked(course(TWO, SAMPLE, there))
    assert isinstance(end, Failed)
    assert end.last is not None
    assert (asked, end.last.key, end.takes) == ([], "outline()#1", 2)


def test_a_loosened_gate_takes_what_is_there_and_asks_nothing() -> None:
    there = Shelf({"outline()#0": "bad", "outline()#1": "bad too", "story(outline()#1/0)#0": "a tale"})
    asked, end = walked(course([Stage(OUTLINE), Stage(STORY)], SAMPLE, there))
    assert asked == []
    assert values_of(end) == {"outline": "bad too", "story": "a tale"}, "the newest take, whose story is there"


def test_a_loosened_gate_asks_nothing_where_only_an_older_take_was_gone_on_with() -> None:
    """The gate was tightened and loosened again: what the newest take needs is not there, and an older one has it."""
    there = {"outline()#0": "a plot", "outline()#1": "a better plot", "story(outline()#0/0)#0": "a tale"}
    asked, end = walked(course([Stage(OUTLINE), Stage(STORY)], SAMPLE, Shelf(there)))
    assert asked == []
    assert values_of(end) == {"outline": "a plot", "story": "a tale"}
    _, story = walked(course([Stage(OUTLINE), Stage(STORY)], SAMPLE, Shelf(there | {"story(outline()#0/0)#0": "bad"})))
    assert values_of(story)["story"] == "bad", "no gate rejects it"
    _, story = walked(course(TWO, SAMPLE, Shelf(there | {"story(outline()#0/0)#0": "bad"})))
    assert isinstance(story, Ask)
    assert story.key == "story(outline()#1/0)#0", "the newest take, as no other one leads to a good end"


def test_what_was_dropped_is_asked_for_anew_though_an_older_take_has_all_that_it_needs() -> None:
    there = {"outline()#0": "a plot", "outline()#1": "a better plot", "story(outline()#0/0)#0": "a tale"}
    _, story = walked(course([Stage(OUTLINE), Stage(STORY)], SAMPLE, Shelf(there, {"story(outline()#1/0)#0": 1})))
    assert isinstance(story, Ask)
    assert (story.key, story.generation) == ("story(outline()#1/0)#0", 1)


def test_a_sample_is_not_given_up_where_an_older_take_leads_to_a_good_end() -> None:
    there = {
        "outline()#0": "a plot",
        "outline()#1": "a better plot",
        "story(outline()#0/0)#0": "a tale",
        "story(outline()#1/0)#0": "bad",
        "story(outline()#1/0)#1": "bad too",
    }
    asked, end = walked(course(TWO, SAMPLE, Shelf(there)))
    assert asked == []
    assert values_of(end) == {"outline": "a plot", "story": "a tale"}


def test_a_sample_that_was_given_up_stays_so_whatever_takes_others_ask_for() -> None:
    """They share its outline, and their judges rejected that."""
    there = {"outline()#0": "a plot", "story(outline()#0/0)#0": "bad", "story(outline()#0/0)#1": "bad too"}
    asked, end = walked(course(TWO, SAMPLE, Shelf(there | {"outline()#1": "a plot of others"})))
    assert asked == []
    assert isinstance(end, Failed)
    assert end.step == "story"


def test_a_sample_that_ended_by_a_dead_letter_stays_so_whatever_takes_others_ask_for() -> None:
    """Its judge was given up on with the first outline; another sample has asked for the second one."""
    stages = [Stage(OUTLINE), Stage(VERDICT_OF_OUTLINE, judges=True)]
    there = {"outline()#0": "a plot", "outline()#1": "another plot"}
    _, ended = walked(course(stages, SAMPLE, Shelf(there, dead="grade(outline()#0/0)#0")))
    _, goes_on = walked(course(stages, SAMPLE, Shelf(there)))
    assert isinstance(ended, Dead)
    assert isinstance(goes_on, Ask)
    assert (ended.key, goes_on.key) == ("grade(outline()#0/0)#0", "grade(outline()#1/0)#0")


def test_nothing_is_asked_for_a_sample_that_a_step_beside_has_given_up() -> None:
    """A dead letter, or gates that took none of its answers; not where its own answer may still be a good one."""
    stages = [Stage(OUTLINE), Stage(BESIDE, Forbids("bad")), Stage(STORY)]
    _, dead = walked(course(stages, SAMPLE, Shelf({}, dead="beside()#0")))
    _, rejected = walked(course(stages, SAMPLE, Shelf({"beside()#0": "bad", "beside()#1": "bad"})))
    _, second = walked(course(stages, SAMPLE, Shelf({"beside()#0": "bad"})))
    assert isinstance(dead, Dead)
    assert isinstance(rejected, Failed)
    assert isinstance(second, Ask)
    assert (dead.key, rejected.step, second.key) == ("beside()#0", "beside", "outline()#0")


def test_a_step_beside_is_no_bad_end_as_long_as_it_depends_on_what_is_missing() -> None:
    """It is looked at with the outline, as a judge or by `keep`; a grade of the step itself is enough."""
    sees_outline, grades_itself = Forbids("weak"), Forbids("weak", "beside")
    sees_outline.sees = ("outline",)
    there = {"beside()#0": "weak", "beside()#1": "weak"}
    _, waits = walked(course([Stage(OUTLINE), Stage(BESIDE, sees_outline)], SAMPLE, Shelf(there)))
    grade = Step("grade", ("beside",))
    graded = {f"grade(beside()#{take}/0)#0": "weak" for take in (0, 1)}
    stages = [Stage(OUTLINE), Stage(BESIDE), Stage(grade, grades_itself, judges=True)]
    _, ends = walked(course(stages, SAMPLE, Shelf({**there, **graded})))
    assert isinstance(waits, Ask)
    assert isinstance(ends, Failed)


def test_of_takes_that_a_judge_rejected_none_is_gone_on_with_without_another_grade() -> None:
    there = {
        "outline()#0": "a plot",
        "story(outline()#0/0)#0": "tale one",
        "verdict(story(outline()#0/0)#0/0)#0": "weak",
        "story(outline()#0/0)#1": "tale two",
    }
    asked, verdict = walked(course(JUDGED, SAMPLE, Shelf(there)))
    assert isinstance(verdict, Ask)
    assert (asked, verdict.key) == ([], "verdict(story(outline()#0/0)#1/0)#0")


def test_a_tightened_gate_looks_at_older_takes_before_it_asks_for_another_one() -> None:
    there = Shelf({"outline()#0": "an old plot", "outline()#1": "bad"})
    asked, story = walked(course(TWO, SAMPLE, there))
    assert isinstance(story, Ask)
    assert (asked, story.key) == ([], "story(outline()#0/0)#0")


def test_what_a_judge_rejects_is_asked_for_again_and_judged_anew() -> None:
    asked, end = walked(course(JUDGED, SAMPLE, Shelf()), "a plot", "tale one", "weak", "tale two", "fine")
    assert asked[2:] == [
        "verdict(story(outline()#0/0)#0/0)#0",
        "story(outline()#0/0)#1",
        "verdict(story(outline()#0/0)#1/0)#0",
    ]
    assert values_of(end)["story"] == "tale two"


def test_a_judge_that_rejects_all_takes_ends_the_sample_by_its_word_and_never_goes_back_further() -> None:
    asked, end = walked(course(JUDGED, SAMPLE, Shelf()), "a plot", "tale one", "weak", "tale two", "weak")
    assert isinstance(end, Failed)
    assert end.step == "story"
    assert len([key for key in asked if key.startswith("outline")]) == 1


def test_a_dropped_answer_has_a_new_generation_and_what_was_made_from_it_is_made_anew() -> None:
    there = Shelf({"story(outline()#0/0)#0": "a tale"}, {"outline()#0": 1})
    asked, story = walked(course(TWO, SAMPLE, there), "another plot")
    assert isinstance(story, Ask)
    assert (asked, story.key) == (["outline()#0"], "story(outline()#0/1)#0")


def test_answers_that_were_not_made_yet_are_assumed_to_pass_so_that_calls_can_be_counted() -> None:
    assert assumed(course(JUDGED, SAMPLE, Shelf())) == [
        "outline()#0",
        "story(outline()#0/0)#0",
        "verdict(story(outline()#0/0)#0/0)#0",
    ]


def test_a_take_that_is_there_counts_although_fewer_are_allowed_now() -> None:
    there = Shelf({"outline()#0": "bad", "outline()#1": "bad", "outline()#2": "a plot"})
    asked, story = walked(course([Stage(Step("outline"), Forbids("bad")), Stage(STORY)], SAMPLE, there))
    assert isinstance(story, Ask)
    assert (asked, story.key) == ([], "story(outline()#2/0)#0")


def test_a_take_behind_one_that_was_dropped_counts_although_fewer_are_allowed_now() -> None:
    _, story = walked(course([Stage(Step("outline")), Stage(STORY)], SAMPLE, Shelf({"outline()#1": "a plot"})))
    assert isinstance(story, Ask)
    assert story.key == "story(outline()#1/0)#0"
