"""The course of a sample through a dialogue: one turn after the other, and where it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from asyncsynth.engine.belonging import keys_of
from asyncsynth.engine.course import course
from asyncsynth.engine.level import Ask
from asyncsynth.engine.stage import Gathering, Stage, Stages, Turn
from asyncsynth.engine.trail import Failed
from asyncsynth.values import Sample
from tests.engine.test_course import Forbids, Shelf, Step, assumed, values_of, walked

CALM = Sample("", {"rounds": 2}, 0)
U1, A1 = "c.1.user()#0", "c.1.assistant(c.1.user()#0/0)#0"
U2 = f"c.2.user({U1}/0,{A1}/0)#0"
A2 = f"c.2.assistant({U1}/0,{A1}/0,{U2}/0)#0"


class Dialogue:
    name, until, axis = "c", "<END>", "rounds"

    def __init__(self, longest: int = 2) -> None:
        names = [f"c.{number + 1}.{side}" for number in range(longest) for side in ("user", "assistant")]
        self.turns = [Step(name, tuple(names[:number])) for number, name in enumerate(names)]

    def rounds(self, combination: Mapping[str, Any]) -> int:
        return int(combination["rounds"])

    def messages(self, texts: Sequence[str]) -> Any:
        return [
            {"role": turn.name.split(".")[2], "content": text} for turn, text in zip(self.turns, texts, strict=False)
        ]


def stages(dialogue: Dialogue, *later: Stage) -> Stages:
    turns = [Stage(turn, turn=Turn(dialogue, number)) for number, turn in enumerate(dialogue.turns)]
    return [*turns, Gathering(dialogue), *later]


TITLE = Stage(Step("title", ("c",)))


def test_each_turn_is_made_from_all_before_it_and_later_steps_are_made_from_the_whole() -> None:
    asked, title = walked(course(stages(Dialogue(), TITLE), CALM, Shelf()), "q1", "a1", "q2", "a2")
    assert isinstance(title, Ask)
    assert asked == [U1, A1, U2, A2]
    assert title.key == f"title({A2}/0)#0"
    assert title.request().text.count("'content': ") == 4


def test_turns_that_are_there_are_not_asked_for() -> None:
    asked, last = walked(course(stages(Dialogue()), CALM, Shelf({U1: "q1", A1: "a1", U2: "q2"})))
    assert isinstance(last, Ask)
    assert (asked, last.key) == ([], A2)


def test_a_turn_that_says_the_end_is_the_last_one_at_once_and_when_it_is_found() -> None:
    asked, end = walked(course(stages(Dialogue()), CALM, Shelf()), "q1", "a1 <END>")
    assert asked == [U1, A1]
    assert len(values_of(end)["c"]) == 2
    assert walked(course(stages(Dialogue()), CALM, Shelf({U1: "q1", A1: "a1 <END>", U2: "q2"})))[0] == []


def test_a_sample_has_as_many_rounds_as_its_axis_says() -> None:
    asked, end = walked(course(stages(Dialogue(3), TITLE), Sample("", {"rounds": 1}, 0), Shelf()), "q1", "a1", "t")
    assert asked == [U1, A1, f"title({A1}/0)#0"]
    assert len(values_of(end)["c"]) == 2


def test_of_turns_that_are_not_there_yet_none_is_assumed_to_be_the_last() -> None:
    assert assumed(course(stages(Dialogue(), TITLE), CALM, Shelf())) == [U1, A1, U2, A2, f"title({A2}/0)#0"]


def test_a_judge_that_rejects_a_dialogue_ends_the_sample() -> None:
    judge = Stage(Step("verdict", ("c",)), Forbids("weak", "c"), judges=True)
    asked, end = walked(course(stages(Dialogue(), judge), CALM, Shelf()), "q1", "a1", "q2", "a2", "weak")
    assert isinstance(end, Failed)
    assert (len(asked), end.step, end.takes) == (5, "c", 1)


def test_what_a_dialogue_that_ended_early_led_to_belongs_although_no_text_is_read() -> None:
    title = f"title({A1}/0)#0"
    there = Shelf({U1: "q1", A1: "a1 <END>", title: "t", "another": "x"})
    assert set(keys_of(stages(Dialogue(), TITLE), CALM, there)) == {U1, A1, title}
