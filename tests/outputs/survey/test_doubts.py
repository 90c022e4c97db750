"""What makes a record doubtful."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.outputs.survey.doubts import doubts_of, length_doubt


@pytest.mark.parametrize(
    ("record", "answer", "doubts"),
    [
        ({}, "A plot.", []),
        ({"finish_reason": "length"}, "A plot", ["cut off at max_tokens"]),
        ({}, " \n", ["empty"]),
        ({}, "I\u2019m sorry, but I can't write that.", ["reads like a refusal"]),
        ({}, "I cannot help with this.", ["reads like a refusal"]),
        ({}, "I can see the island from here.", []),
        ({"flags": ["lone_surrogate"]}, "x", ["flagged: lone_surrogate"]),
        ({"steps": {"verdict": {"scores": {"detail": 2, "pace": 4}}}}, "x", ["detail: 2"]),
        ({"steps": None}, "x", []),
    ],
)
def test_each_doubt_is_told(record: dict[str, Any], answer: str, doubts: list[str]) -> None:
    assert list(doubts_of(record, answer)) == doubts


def test_lengths_far_from_the_median_are_doubtful_but_not_those_of_labels() -> None:
    assert length_doubt(25, 100) == "much shorter than most"
    assert length_doubt(400, 100) == "much longer than most"
    assert [length_doubt(26, 100), length_doubt(399, 100), length_doubt(40, 2)] == [None, None, None]
