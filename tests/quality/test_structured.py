"""Structured answers: what is read of them, and what is unreadable because it could be meant in two ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from asyncsynth.errors import ConfigError
from asyncsynth.quality.structured import Read, Schema, Unreadable

FIELDS = {"title": "string", "acts": ["string"]}
STORY = Schema.of(FIELDS, Path(), "steps.story.schema")
FITS = '{"title": "The Lake", "acts": ["one", "two"]}'
VALUE = {"title": "The Lake", "acts": ["one", "two"]}
OTHER = '{"name": "The Lake"}'


def test_an_answer_that_fits_is_read() -> None:
    assert STORY.read(FITS) == Read(VALUE)


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (f"```json\n{FITS}\n```", ("fenced",)),
        (f"Here it is: {FITS}", ("prose_around_json",)),
        (f"I was asked for {OTHER}, so: {FITS}", ("prose_around_json",)),
        (FITS.replace("The Lake", "The\nLake"), ("raw_control",)),
    ],
)
def test_what_can_be_meant_in_one_way_only_is_read_and_flagged(text: str, flags: tuple[str, ...]) -> None:
    read = STORY.read(text)
    assert isinstance(read, Read)
    assert read.flags == flags


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (OTHER, 'it has no "title" or "acts"'),
        (f"So: {OTHER}", 'it has no "title" or "acts"'),
        (f"{OTHER} or {OTHER}", "it has 2 JSON values, and none of them fits"),
        (f"{FITS}\n{FITS}", "it has 2 JSON values that fit, and must have one"),
        (FITS[:-1], "its JSON breaks off before its end"),
        (f"```json\n{FITS[:-1]}\n```", "its JSON is broken at character 54: Expecting ',' delimiter"),
        ("Once upon a time", "has no JSON in it"),
        (f"[{FITS}]", "it must be an object, not a list"),
    ],
)
def test_what_is_unreadable_is_told(text: str, why: str) -> None:
    read = STORY.read(text)
    assert isinstance(read, Unreadable)
    assert why in read.why


def test_a_list_is_looked_for_where_the_schema_is_one() -> None:
    schema = Schema({"type": "array", "items": {"type": "integer"}})
    assert schema.read("As asked: [1, 2].") == Read([1, 2], ("prose_around_json",))


def test_an_example_has_every_field_so_that_templates_can_be_tried_on_it() -> None:
    assert STORY.example("KEY/0") == {"title": "KEY/0", "acts": ["KEY/0"]}


def test_a_wrong_short_form_is_a_mistake_of_the_config() -> None:
    with pytest.raises(ConfigError, match=r"steps\.story\.schema\.title: .*did you mean string"):
        Schema.of({"title": "strng"}, Path(), "steps.story.schema")
