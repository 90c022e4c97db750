"""Counts by axes and pairs of axes."""

from __future__ import annotations

from itertools import product

from asyncsynth.outputs.survey.coverage import NAMED, Coverage
from asyncsynth.outputs.survey.values import AxisCoverage, AxisValue, PairCoverage


def test_records_and_failures_are_counted_by_value_and_by_pair() -> None:
    coverage = Coverage()
    for genre, year in product(["horror", "comedy"], [10, 9]):
        coverage.add({"genre": genre, "year": year})
    coverage.add({"genre": "horror", "year": 10}, failed=True)
    assert coverage.axes() == (
        AxisCoverage("genre", (AxisValue("comedy", 2, 0), AxisValue("horror", 2, 1)), 0),
        AxisCoverage("year", (AxisValue("9", 2, 0), AxisValue("10", 2, 1)), 0),  # as people sort
    )
    assert coverage.pairs() == (PairCoverage("genre", "year", ((1, 1), (1, 1)), ((0, 0), (0, 1))),)


def test_values_beyond_those_that_are_named_share_a_last_line() -> None:
    coverage = Coverage()
    for number in range(NAMED + 3):
        coverage.add({"name": number, "mood": "calm" if number % 2 else "angry"})
    (names, _), (pair,) = coverage.axes(), coverage.pairs()
    assert (len(names.values), names.others) == (NAMED, 3)
    assert len(pair.records) == NAMED + 1
    assert pair.records[-1] == (2, 1)


def test_a_table_is_named_by_its_name() -> None:
    coverage = Coverage()
    coverage.add({"product": {"price": 3, "name": "lamp"}})
    assert coverage.axes() == (AxisCoverage("product.name", (AxisValue("lamp", 1, 0),), 0),)


def test_an_axis_with_one_value_is_in_no_pair() -> None:
    coverage = Coverage()
    for mood in ("calm", "angry"):
        coverage.add({"mood": mood, "place": "India"})
    assert coverage.pairs() == ()
