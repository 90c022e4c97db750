"""A rubric: its lines and levels, and what is told of one that is wrong."""

from __future__ import annotations

import pytest

from asyncsynth.config.rubric import rubric_lines, rubric_problems

PLACE = "steps.verdict.rubric"
TWO = {"5": "All of it.", "1": "None of it."}


def test_the_levels_of_a_line_begin_with_the_best() -> None:
    assert rubric_problems(PLACE, {"detail": {"1": "None of it.", "10": " All of it.\n"}, "style": TWO}) == []
    assert rubric_lines({"detail": {"1": "None of it.", "10": " All of it.\n"}}) == {
        "detail": {10: "All of it.", 1: "None of it."}
    }
    assert list(rubric_lines({"detail": {"1": "None.", "10": "All."}})["detail"]) == [10, 1]


@pytest.mark.parametrize(
    ("given", "place", "what"),
    [
        ("five stars", "", "must be a table of lines"),
        ({}, "", "must be a table of lines"),
        ({"reason": TWO}, ".reason", "is there already"),
        ({"not": TWO}, ".not", "has a meaning of its own"),
        ({"plot holes": TWO}, ".plot holes", "can't be a name in an expression"),
        ({"detail": "5 is best"}, ".detail", "must say what its levels mean"),
        ({"detail": {"5": "All of it."}}, ".detail", "needs at least two levels"),
        ({"detail": {**TWO, "101": "More."}}, ".detail.101", "is not a level"),
        ({"detail": {**TWO, "-1": "Less."}}, ".detail.-1", "is not a level"),
        ({"detail": {**TWO, "3.5": "Some."}}, ".detail.3.5", "is not a level"),
        ({"detail": {**TWO, "05": "All of it."}}, ".detail.05", "is not a level"),
        ({"detail": {**TWO, "good": "Some."}}, ".detail.good", "is not a level"),
        ({"detail": {**TWO, "3": " "}}, ".detail.3", "must say in words"),
        ({"detail": {**TWO, "3": 3}}, ".detail.3", "must say in words"),
        ({f"line{number}": TWO for number in range(21)}, "", "has 21 lines"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(given: object, place: str, what: str) -> None:
    (problem,) = rubric_problems(PLACE, given)
    assert problem.place == PLACE + place
    assert what in problem.what
