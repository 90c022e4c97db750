"""Structured answers: what a schema takes, and what it tells of an answer that it doesn't."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.quality.structured import Read, Schema, Unreadable

FIELDS = {"title": "string", "acts": ["string"]}
STORY = Schema.of(FIELDS, Path(), "steps.story.schema")


def test_an_answer_that_fits_is_read() -> None:
    assert STORY.read('{"title": "The Lake", "acts": ["one", "two"]}') == Read(
        {"title": "The Lake", "acts": ["one", "two"]}
    )


def test_an_answer_of_another_form_is_unreadable() -> None:
    assert isinstance(STORY.read('{"title": "The Lake", "acts": "one"}'), Unreadable)
