from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.provider.contents import refusal_of, text_of, thoughts_beside

THOUGHT = "let me think"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("A plot.", "A plot."),
        (None, ""),
        ([], ""),
        (7, ""),
        (["A ", "plot."], "A plot."),
        ([{"type": "text", "text": "A "}, 7, None, {"type": "text", "text": "plot."}], "A plot."),
        ([{"type": "output_text", "text": "A plot.", "annotations": []}], "A plot."),
        ([{"text": "A plot."}], "A plot."),
        ({"type": "text", "text": "A plot."}, "A plot."),
        ([{"type": "text", "text": {"value": "A plot."}}], "A plot."),
        ([{"type": "text", "text": None}], ""),
    ],
    ids=str,
)
def test_the_texts_of_a_content_are_joined(content: Any, text: str) -> None:
    assert text_of(content) == (text, "")


@pytest.mark.parametrize(
    "part",
    [
        {"type": "thinking", "thinking": THOUGHT, "signature": "Ab3="},
        {"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]},
        {"type": "reasoning", "text": THOUGHT},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
        {"type": "reasoning_text", "text": THOUGHT},
        {"type": "thought", "content": THOUGHT},
        {"type": "redacted_thinking", "text": THOUGHT},
        {"type": "analysis", "text": THOUGHT},
        {"type": ["text"], "text": THOUGHT},
        {"text": THOUGHT, "thought": True},
        {"type": "text", "text": THOUGHT, "thought": True},
    ],
    ids=str,
)
def test_thoughts_are_no_text_under_whatever_name_they_come_and_are_kept_beside(part: Any) -> None:
    assert text_of([part, {"type": "text", "text": "A plot."}]) == ("A plot.", THOUGHT)


@pytest.mark.parametrize(
    "message",
    [
        {"reasoning_content": THOUGHT},
        {"reasoning": THOUGHT},
        {"thinking": THOUGHT},
        {"reasoning_details": [{"type": "reasoning.text", "text": THOUGHT}]},
        {"thinking_blocks": [{"type": "thinking", "thinking": THOUGHT}]},
        {"reasoning": THOUGHT, "reasoning_details": [{"text": THOUGHT}]},
    ],
    ids=str,
)
def test_thoughts_in_fields_of_their_own_are_found_once(message: dict[str, Any]) -> None:
    assert thoughts_beside({"role": "assistant", "content": "A plot.", **message}, "") == THOUGHT
    assert thoughts_beside(message, THOUGHT) == THOUGHT


def test_no_thoughts_are_no_thoughts() -> None:
    assert thoughts_beside({"content": "x", "reasoning_content": None, "reasoning": ""}, "") == ""


def test_a_refusal_stands_in_its_field_or_its_part() -> None:
    assert refusal_of({"refusal": "I won't."}) == "I won't."
    assert refusal_of({"content": [{"type": "refusal", "refusal": "I won't."}]}) == "I won't."
    assert refusal_of({"refusal": True})
    assert refusal_of({"refusal": None, "content": [{"type": "text", "text": "x"}, 7]}) == ""


def test_a_part_of_a_thousand_levels_does_no_harm() -> None:
    part: Any = "end"
    for _ in range(1_000):
        part = {"type": "thinking", "thinking": [part]}
    assert text_of([part]) == ("", "")
