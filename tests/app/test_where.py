"""One grammar for the records that somebody means: axis=value, or an expression."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.app.where import Where, check_axes, holds, where_of
from asyncsynth.errors import UsageError

RECORD: dict[str, Any] = {
    "key": "00",
    "combination": {"model": "T-34", "place": {"name": "India"}, "told": True, "year": 1990},
    "model": "gpt",
    "completion": "A house.",
}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("place=India", ("place", "India")),
        (" place.name = New Delhi", ("place.name", " New Delhi")),
        ("sum=a=b", ("sum", "a=b")),
        ("place=", ("place", "")),
        ("été=chaud", ("été", "chaud")),
        ('place == "India"', 'place == "India"'),
        ("place!='India'", "place!='India'"),
        ("completion|length >= 3", "completion|length >= 3"),
    ],
)
def test_a_value_and_an_expression_are_told_apart(text: str, where: Where) -> None:
    assert where_of(text) == where


@pytest.mark.parametrize(
    ("where", "meant"),
    [
        (("place.name", "India"), True),
        (("place.nme", "India"), False),
        (("told", "true"), True),
        (("year", "1990"), True),
        (("year", "1991"), False),
        ('model == "T-34"', True),  # an axis stands before a field of the same name
        ("year > 1980 and completion | length < 20", True),
        ("key == '00' and combination.year == 1990", True),
    ],
)
def test_a_record_is_meant_or_not(where: Where, meant: bool) -> None:
    assert holds(where)(RECORD) is meant


def test_an_axis_that_no_record_has_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="plce=x: no axis plce; did you mean place"):
        check_axes([("plce", "x"), "a > 1"], RECORD["combination"])
    check_axes([("plce", "x")], {})


def test_a_field_that_no_record_has_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"place.nme=x: place has no field nme; did you mean name"):
        check_axes([("place.nme", "x")], RECORD["combination"])
    with pytest.raises(UsageError, match="year has no field name"):
        check_axes([("year.name", "x")], RECORD["combination"])
    check_axes([("place.name.x", "x")], {"place": {"name": None}})
