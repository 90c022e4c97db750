"""All figures of the newest answers: what they begin with, how they ended, and over what they are spread."""

from __future__ import annotations

import pytest

from asyncsynth.quality.coverage import Coverage, coverage_of
from asyncsynth.quality.newest import Seen, newest_of


def test_refusals_and_answers_that_were_cut_off_are_told_as_shares() -> None:
    answers = [Seen("A house.", "stop"), Seen("I'm sorry, but I can't do that.", "stop"), Seen("A long", "length")]
    found = newest_of(answers, [], {})
    assert found.refusals == pytest.approx(1 / 3)
    assert found.truncated == pytest.approx(1 / 3)
    assert found.collapse.texts == 3


def test_a_value_of_an_axis_that_nothing_is_about_is_seen() -> None:
    combinations = [{"genre": "horror", "place": {"name": "India"}}, {"genre": "horror", "place": {"name": "Norway"}}]
    assert coverage_of(combinations, {"genre": 2}) == (
        Coverage("genre", 1, 2, 2, 2),
        Coverage("place", 2, 0, 1, 1),
    )
