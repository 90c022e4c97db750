"""Each gate rejects what it is meant for, says why, and passes the rest."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config.gates import GateSection
from asyncsynth.quality.gates import Gates, Rejection


def rejection(text: str, finish_reason: str = "stop", **gates: Any) -> Rejection | None:
    return Gates(GateSection.model_validate(gates)).rejection(text, finish_reason)


REJECTED: list[tuple[dict[str, Any], str, str]] = [
    ({"words": {"min": 3}}, "two words", "has 2 words; at least 3 are wanted"),
    ({"words": {"max": 0}}, "one", "has 1 word; at most 0 are wanted"),
    ({"characters": {"min": 5}}, " four \n", "has 4 characters; at least 5 are wanted"),
    ({"lines": {"max": 2}}, "a\n\n \nb\r\nc\n", "has 3 lines; at most 2 are wanted"),
    ({"forbid": ["xx", "(?i)as an ai"]}, "Well, as an AI...", "has something that must not be there: (?i)as an ai"),
    ({"require": ["^Title: ", r"THE END\.$"]}, "Title: x", r"lacks something that must be there: THE END\.$"),
    ({"finish": ["stop"]}, "cut", 'ended with "length"; "stop" is wanted'),
]


@pytest.mark.parametrize(("gates", "text", "why"), REJECTED)
def test_a_gate_says_why_it_rejects(gates: dict[str, Any], text: str, why: str) -> None:
    (name,) = gates
    assert rejection(text, "length", **gates) == Rejection(name, why)


PASSED: list[tuple[dict[str, Any], str]] = [
    ({"words": {"min": 2, "max": 2}}, "two words"),
    ({"characters": {"max": 4}}, " four \n"),
    ({"lines": {"min": 3, "max": 3}}, "a\n\n \nb\r\nc\n"),
    ({"forbid": ["(?i)as an ai"]}, "Nothing of the kind."),
    ({"require": ["^Title: ", r"THE END\.$"]}, "Title: x THE END."),
    ({"finish": ["stop", "length"]}, "whole"),
    ({}, ""),
]


@pytest.mark.parametrize(("gates", "text"), PASSED)
def test_what_is_as_wanted_passes(gates: dict[str, Any], text: str) -> None:
    assert rejection(text, **gates) is None
