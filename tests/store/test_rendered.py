from __future__ import annotations

import json
from collections.abc import Callable

from msgspec.structs import replace

from asyncsynth.store.answers import answer_of, parts_of, stored
from asyncsynth.store.dead_letter import dead_letter
from asyncsynth.store.manifest import dead
from asyncsynth.store.rendered import answer_lines, course_lines, dead_letter_lines
from asyncsynth.values import Answered, Finished, GivenUp, Rejected, Row, StepAnswer

FIRST = Row({"genre": "horror"}, 0, {"prompt": "p", "completion": "c"})
SECOND = Row({"genre": "Horror"}, 1, {"prompt": "q", "completion": "c"})
UNRENDERED = Row({"genre": "HORROR"}, 2, {}, "the template failed")


def test_a_record_has_the_documented_fields_in_their_order(answered: Callable[..., Answered]) -> None:
    _, answer, _ = stored(answered(1, cost=140_000_000), run=2)
    lines = answer_lines(answer, (FIRST,))
    (record,) = map(json.loads, lines.records)
    assert list(record) == [
        "key", "combination", "repeat", "prompt", "completion", "model", "finish_reason", "usage", "cost_usd",
        "attempts", "latency_s", "created", "generation", "run", "flags",
    ]  # fmt: skip
    assert (record["cost_usd"], record["run"], record["flags"]) == (0.00014, 2, [])
    assert (lines.failures, lines.unrendered) == ((), 0)


def test_an_answer_that_comes_and_one_that_is_there_make_the_same_lines(answered: Callable[..., Answered]) -> None:
    line, answer, _ = stored(answered(1, cost=None, text="half a pair: \ud83d."), run=2)
    parts = parts_of(line[:-1])
    assert parts is not None
    read = answer_of(answer.key, parts)
    rows = (FIRST, UNRENDERED)
    come, there = answer_lines(answer, rows), answer_lines(read, rows)
    assert (come.records, come.failures) == (there.records, there.failures)
    assert json.loads(come.records[0])["cost_usd"] is None


def test_samples_that_share_an_answer_have_a_line_each(answered: Callable[..., Answered]) -> None:
    _, answer, _ = stored(answered(1), run=2)
    lines = answer_lines(answer, (FIRST, UNRENDERED, SECOND))
    assert [json.loads(line)["prompt"] for line in lines.records] == ["p", "q"]
    (failure,) = map(json.loads, lines.failures)
    assert lines.unrendered == 1
    assert (failure["reason"], failure["message"], failure["repeat"]) == ("record_template", "the template failed", 2)
    assert failure["answer"] == "an outline"


def test_a_dead_letter_has_a_line_for_each_of_its_samples(given_up: Callable[..., GivenUp]) -> None:
    letter = dead_letter(dead(given_up(1)), "order")
    lines = dead_letter_lines(letter, (FIRST, SECOND))
    assert (lines.records, lines.unrendered) == ((), 0)
    failures = [json.loads(line) for line in lines.failures]
    assert [failure["combination"] for failure in failures] == [{"genre": "horror"}, {"genre": "Horror"}]
    assert list(failures[0]) == [
        "key", "combination", "repeat", "step", "reason", "message", "answer", "attempts", "status", "created",
    ]  # fmt: skip
    assert (failures[0]["reason"], failures[0]["answer"], failures[0]["status"]) == ("refusal", None, 200)


def test_answers_of_steps_that_come_and_that_are_there_make_the_same_record(answered: Callable[..., Answered]) -> None:
    """Also to the last digit of what they cost together, and with the flags of each."""
    made = [answered(n, cost=cost, text=f"text {n}") for n, cost in ((1, 140_000_001), (2, 70_000_003), (3, 10))]
    lines = [stored(replace(each, rows=()), run=2) for each in made]
    come = tuple(StepAnswer(f"s{n}", a.key, 0, a.text, a.told, (), {}, a.paid) for n, (_, a, _) in enumerate(lines))
    assert all(each.paid is not None for each in come)
    flagged = (replace(come[0], flags=("fenced",)), *come[1:])
    (record,) = course_lines(Finished(FIRST, flagged, 2)).records
    there = tuple(replace(each, paid=None) for each in flagged)
    assert course_lines(Finished(FIRST, there, 2)).records == [record]
    told = json.loads(record)
    assert (told["cost_usd"], told["attempts"], told["flags"]) == (0.000210000014, 3, ["fenced"])
    assert told["key"] == come[2].key
    assert told["steps"]["s0"]["flags"] == ["fenced"]
    assert told["usage"]["prompt_tokens"] == sum(each.answer.usage.prompt_tokens for each in made)


def test_a_rejected_answer_is_in_the_line_of_its_sample_with_what_led_to_it(answered: Callable[..., Answered]) -> None:
    plot, story = (
        stored(replace(answered(n, text=text), rows=()), run=2)[1] for n, text in ((1, "plot"), (2, "short"))
    )
    taken = StepAnswer("plot", plot.key, 0, plot.text, plot.told)
    last = StepAnswer("story", story.key, 1, story.text, story.told)
    end = Rejected(FIRST, "story", "first", "words", "story: has 1 word", 2, (taken,), last)
    (line,) = course_lines(end).failures
    told = json.loads(line)
    assert (told["key"], told["step"], told["reason"], told["answer"]) == (story.key, "story", "words", "short")
    assert {name: (each["take"], each["text"]) for name, each in told["steps"].items()} == {
        "plot": (0, "plot"),
        "story": (1, "short"),
    }
    (alone,) = course_lines(replace(end, before=())).failures
    assert "steps" not in json.loads(alone), "of an only step there is nothing more to tell"
    (unasked,) = course_lines(replace(end, last=None)).failures
    told = json.loads(unasked)
    assert (told["key"], told["answer"], list(told["steps"])) == ("first", None, ["plot"])
