"""Conditions: expressions of the sandbox that hold or don't."""

from __future__ import annotations

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.recipe.condition import Condition

VALUES = {"genre": "horror", "year": 1990, "place": {"name": "India"}, "completion": "A house %} it is."}


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ('genre == "horror"', True),
        ('genre != "horror" or year < 1991', True),
        ('place.name in ["Peru", "Chile"]', False),
        ("completion | length > 5 and not completion.startswith('The')", True),
        ("year", True),
        ("''", False),
        ("year == none", False),
    ],
)
def test_an_expression_holds_or_does_not(source: str, holds: bool) -> None:
    assert Condition(source, "--where").holds(VALUES) is holds


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "is not an expression"),
        ("genre ==", "--where genre =="),
        ("genre) %}1{% if (genre", "is not an expression"),
        ("genre | upperr", "No filter named"),
        ("cycler()", "is not possible"),
        ("genre.__class__", "is not possible"),
        ("(" * 500, "--where"),
    ],
)
def test_what_is_no_expression_is_told_before_anything_is_read(source: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Condition(source, "--where")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('gnre == "horror"', "nothing is called gnre; did you mean genre"),
        ('year > "x"', "not supported between"),
        ("completion * 9", "two numbers only"),
        ("{['a']: 1} == genre", "unhashable type: 'list'"),
        ("genre | truncate(1)", "expected length >= 3, got 1"),
        ("place.nme == 1", "nme"),
    ],
)
def test_what_can_not_be_evaluated_is_told(source: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Condition(source, "--where").holds(VALUES)
