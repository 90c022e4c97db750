"""Thoughts in the text: what is taken out, and what only looks like them."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.provider.answers import AnswerRules
from asyncsynth.provider.thoughts import told_apart
from asyncsynth.values import Api
from tests.provider.scripted import answer
from tests.provider.wires.replies import answer_of, fault_of


@pytest.mark.parametrize(
    ("given", "text", "thoughts"),
    [
        ("<think>Hm.</think>A plot.", "A plot.", "Hm."),
        ("\n<think>\nHm.\nSo.\n</think>\n\nA plot.\n", "A plot.\n", "Hm.\nSo."),
        ("<thinking>Hm.</thinking> A plot.", "A plot.", "Hm."),
        ("<think>\n\n</think>\n\nA plot.", "A plot.", ""),
        ("Hm.\n</think>\n\nA plot.", "A plot.", "Hm."),
        ("</think>\nA plot.", "A plot.", ""),
        ("<think>never closed", "", "never closed"),
        ("<think>Hm.</think>", "", "Hm."),
        ("<think>a</think>A </think> tag.", "A </think> tag.", "a"),
        ("A tag is written <think> and closed by </think> again.", None, ""),
        ("She says: <think>no</think>", None, ""),
        ("I think so.", None, ""),
    ],
)
def test_what_the_text_begins_with_is_taken_out(given: str, text: str | None, thoughts: str) -> None:
    assert told_apart(given) == (given if text is None else text, thoughts)


def tree(text: str, **more: Any) -> Any:
    return answer("chat", text, **more)


def test_they_stand_beside_the_answer_unless_they_are_to_be_kept() -> None:
    text = "<think>Hm.</think>\nA plot."
    stripped = answer_of("chat", tree(text))
    assert (stripped.text, stripped.reasoning) == ("A plot.", "Hm.")
    kept = answer_of("chat", tree(text), rules=AnswerRules(strip_reasoning=False))
    assert (kept.text, kept.reasoning) == (text, None)


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_nothing_but_thoughts_is_no_answer(api: Api) -> None:
    fault = fault_of(api, answer(api, "<think>Hm.", "length"))
    assert fault.reason == "null_content"
    assert "raise max_tokens" in fault.message
