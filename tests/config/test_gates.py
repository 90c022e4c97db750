"""Mistakes in the table `gates` are told with their place, and before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config.gates import GateSection
from asyncsynth.config.options import checked_section

MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"words": {"min": 6, "max": 5}}, "words: no answer can pass: min 6 is above max 5"),
    ({"words": {}}, "words: needs min, max or both, like { min = 600 }"),
    ({"words": {"mn": 3}}, "words.mn: unknown option; did you mean min?"),
    ({"lines": 5}, "lines: must be a table, not 5"),
    ({"word": {"min": 1}}, "word: unknown option; did you mean words?"),
    ({"forbid": ["fine", "a (b"]}, 'forbid[1]: is not a regular expression: unclosed group at "(b"'),
    ({"forbid": ["x*"]}, "forbid[0]: matches every text"),
    ({"finish": []}, "finish: must not be empty"),
    ({"finish": ["end_turn"]}, 'finish[0]: "end_turn" is not one of stop, length'),
    ({"language": "english"}, 'language: "english" is not the code of a known language, like "en", "de" or "zh"'),
    ({"duplicate": 50}, "duplicate: must be at most 1, not 50"),
]


@pytest.mark.parametrize(("table", "told"), MISTAKES)
def test_a_mistake_is_told_with_its_place(table: dict[str, Any], told: str) -> None:
    _, problems = checked_section("steps.story.gates", GateSection, table)
    assert [str(problem) for problem in problems] == [f"steps.story.gates.{told}"]


def test_what_is_left_out_is_no_fact() -> None:
    section, _ = checked_section("gates", GateSection, {"words": {"min": 600}, "refusal": True})
    assert isinstance(section, GateSection)
    assert section.facts() == {"words": {"min": 600}, "refusal": True}
