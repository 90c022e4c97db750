"""The verdict and the command to go on with."""

from __future__ import annotations

import pytest

from asyncsynth.outputs.survey.gathering import Gathering
from asyncsynth.outputs.survey.values import Alike, Count, Found, Stage
from asyncsynth.outputs.survey.verdict import funnel_of, verdict_of


def found(records: int, failures: int = 0, cut: int = 0) -> Found:
    gathering = Gathering(10)
    for number in range(records):
        end = "length" if number < cut else "stop"
        gathering.record(
            {"key": "0", "combination": {}, "prompt": "", "completion": f"{number} is it", "finish_reason": end}
        )
    for _ in range(failures):
        gathering.failure({"key": "0", "combination": {}, "reason": "refusal", "message": "no"})
    return gathering.found()


def count(records: int, failures: int = 0, *, unrendered: int = 0, wanted: int = 100, working: bool = False) -> Count:
    return Count(records, failures, unrendered, records, wanted, working)


@pytest.mark.parametrize(
    ("there", "of", "alike", "state", "next_"),
    [
        (count(0), found(0), None, "empty", "asyncsynth run"),
        (count(9, working=True), found(9), None, "working", "asyncsynth status"),
        (count(100), found(100), None, "good", "asyncsynth export --format chat --to exports/chat"),
        (count(60), found(60), None, "good", "asyncsynth run"),
        (count(95, 5), found(95, 5), None, "look", "asyncsynth retry && asyncsynth run"),
        (count(95, 5, unrendered=5), found(95, 5), None, "look", "asyncsynth run"),
        (count(100), found(100), Alike(100, 0.4, ()), "bad", "asyncsynth drop --marks marks.jsonl"),
        (count(100), found(100, cut=10), None, "look", "asyncsynth export --format chat --to exports/chat"),
    ],
)
def test_each_state_has_its_next_command(there: Count, of: Found, alike: Alike | None, state: str, next_: str) -> None:
    verdict = verdict_of(there, of, alike)
    assert (verdict.state, verdict.next) == (state, next_)


def test_answers_of_another_recipe_are_not_called_nothing() -> None:
    verdict = verdict_of(count(0)._replace(answers=20), found(0), None)
    assert verdict.text == "20 answers, none of which makes a record of this recipe."


def test_options_go_with_every_command() -> None:
    next_ = verdict_of(count(95, 5), found(95, 5), None, " --config b.toml").next
    assert next_ == "asyncsynth retry --config b.toml && asyncsynth run --config b.toml"


def test_the_largest_concern_is_named_first() -> None:
    verdict = verdict_of(count(80, 20), found(80, 20, cut=8), Alike(80, 0.5, ()))
    assert [why.split(" ")[0] for why in verdict.why] == ["50%", "20", "8"]


def test_the_funnel_ends_with_what_nothing_speaks_against() -> None:
    assert funnel_of(count(80, 20), found(80, 20, cut=8)) == (
        Stage("samples wanted", 100),
        Stage("done so far, well or not", 100),
        Stage("refusal", 20, "lost"),
        Stage("records", 80),
        Stage("doubtful", 8, "lost"),
        Stage("records without a doubt", 72),
    )
