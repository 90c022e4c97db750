"""Which kind of example a record is, which ones teach nothing, and where blanks belong."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.outputs.examples import Kind, blanks_mover, fault_in_turns, fault_of, kind_of
from tests.outputs.records import dialogue, pair, preference, record


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (pair(), Kind.PAIR),
        (dialogue(), Kind.DIALOGUE),
        (preference(), Kind.PREFERENCE),
        (record(completion="alone"), None),
        (record(prompt="alone"), None),
        (record(prompt="", chosen=""), None),
    ],
)
def test_the_fields_tell_the_kind(fields: dict[str, Any], kind: Kind | None) -> None:
    assert kind_of(fields) is kind


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (pair(), None),
        (pair(" \n", "x"), "prompt is empty"),
        (pair("x", ""), "completion is empty"),
        (pair("x", "\u3000\t"), "completion is empty"),
        (preference(chosen=" "), "chosen is empty"),
        (preference(rejected=""), "rejected is empty"),
        (preference(), None),
        (dialogue(), None),
        (dialogue("user: x", "assistant:  "), "a message is empty"),
        (dialogue("system: x", "user: y"), "the assistant says nothing"),
        (dialogue("", "user: x"), "a message is empty"),
    ],
)
def test_what_teaches_nothing_is_told_with_its_reason(fields: dict[str, Any], fault: str | None) -> None:
    kind = kind_of(fields)
    assert kind is not None
    assert fault_of(kind)(fields) == fault


@pytest.mark.parametrize(
    ("turns", "fine"),
    [
        (("user: a", "assistant: b"), True),
        (("system: s", "user: a", "assistant: b", "user: c", "assistant: d"), True),
        (("user: a",), False),
        (("user: a", "user: b", "assistant: c"), False),
        (("assistant: a", "user: b"), False),
        (("user: a", "assistant: b", "user: c"), False),
        (("user: a", "system: s", "assistant: b"), False),
        (("developer: d", "user: a", "assistant: b"), False),
        (("system: s",), False),
    ],
)
def test_strict_turns_are_told_from_others(turns: tuple[str, ...], fine: bool) -> None:
    fault = fault_in_turns(Kind.DIALOGUE)(dialogue(*turns))
    assert fault == (None if fine else "questions and answers don't take turns")


def test_strict_turns_that_say_nothing_are_faulty_too() -> None:
    assert fault_in_turns(Kind.DIALOGUE)(dialogue("user: a", "assistant:  ")) == "a message is empty"
    assert fault_in_turns(Kind.PAIR)(pair("", "x")) == "prompt is empty"


@pytest.mark.parametrize(
    ("prompt", "bare", "blanks"), [("Plot: ", "Plot:", " "), ("Plot:\n\n", "Plot:", "\n\n"), ("Plot:", "Plot:", "")]
)
def test_blanks_at_the_end_of_the_prompt_move_to_the_head_of_the_answer(prompt: str, bare: str, blanks: str) -> None:
    before = pair(prompt, "\nA house. ")
    moved = blanks_mover(Kind.PAIR)(dict(before))
    assert (moved["prompt"], moved["completion"]) == (bare, f"{blanks}\nA house. ")
    assert moved["prompt"] + moved["completion"] == before["prompt"] + before["completion"]


def test_of_a_preference_both_answers_get_the_blanks() -> None:
    moved = blanks_mover(Kind.PREFERENCE)(preference("Plot: ", "Good", "Bad"))
    assert (moved["prompt"], moved["chosen"], moved["rejected"]) == ("Plot:", " Good", " Bad")


def test_a_dialogue_stays_as_it_is() -> None:
    before = dialogue("user: Plot: ", "assistant: x")
    assert blanks_mover(Kind.DIALOGUE)(before) is before
