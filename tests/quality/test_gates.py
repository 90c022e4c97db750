"""Each gate rejects what it is meant for, says why, and passes the rest."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config.gates import GateSection
from asyncsynth.quality.gates import Gates, Rejection


def rejection(text: str, finish_reason: str = "stop", **gates: Any) -> Rejection | None:
    return Gates(GateSection.model_validate(gates)).rejection(text, finish_reason)


REJECTED: list[tuple[dict[str, Any], str, str]] = [
    ({"words": {"min": 3}}, "two words", "has 2 words; must have at least 3"),
    ({"words": {"max": 0}}, "one", "has 1 word; must have at most 0"),
    ({"characters": {"min": 5}}, " four \n", "has 4 characters; must have at least 5"),
    ({"lines": {"max": 2}}, "a\n\n \nb\r\nc\n", "has 3 lines; must have at most 2"),
    ({"forbid": ["xx", "(?i)as an ai"]}, "Well, as an AI...", "has something that must not be there: (?i)as an ai"),
    ({"require": ["^Title: ", r"THE END\.$"]}, "Title: x", r"lacks something that must be there: THE END\.$"),
    ({"refusal": True}, "I'm sorry, but I can't assist with that.", "refuses what was asked"),
    ({"language": "en"}, "Es war einmal ein König.", 'is in the language "de"; "en" is wanted'),
    ({"finish": ["stop"]}, "cut", 'ended with "length"; "stop" is wanted'),
]


@pytest.mark.parametrize(("gates", "text", "why"), REJECTED)
def test_a_gate_says_why_it_rejects(gates: dict[str, Any], text: str, why: str) -> None:
    (name,) = gates
    assert rejection(text, "length", **gates) == Rejection(name, why)


PASSED: list[tuple[dict[str, Any], str]] = [
    ({"words": {"min": 2, "max": 2}}, "two words"),
    ({"words": {"min": 2}}, "more than two words"),
    ({"characters": {"max": 4}}, " four \n"),
    ({"lines": {"min": 3, "max": 3}}, "a\n\n \nb\r\nc\n"),
    ({"forbid": ["(?i)as an ai"]}, "Nothing of the kind."),
    ({"require": ["^Title: ", r"THE END\.$"]}, "Title: x THE END."),
    ({"finish": ["stop", "length"]}, "whole"),
    ({"refusal": True}, "I'm sorry, thought Tom."),
    ({"language": "en"}, "Once upon a time there was a king."),
    ({"language": "en"}, "42"),
    ({}, ""),
]


@pytest.mark.parametrize(("gates", "text"), PASSED)
def test_what_is_as_wanted_passes(gates: dict[str, Any], text: str) -> None:
    assert rejection(text, **gates) is None


def test_a_refusal_is_called_by_its_name_although_it_is_short_as_well() -> None:
    found = rejection("I can't help with that request.", refusal=True, words={"min": 600})
    assert found is not None
    assert found.gate == "refusal"
