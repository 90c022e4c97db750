"""What is said of an answer that does not fit: the place, what must be there, and what is."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.quality.misfits import MOST_CHARACTERS
from asyncsynth.quality.validator import Validator

FIELDS = {"title": {"type": "string"}, "acts": {"type": "array", "items": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        ({"properties": FIELDS}, {"title": 3}, "title must be a text, not 3"),
        ({"properties": FIELDS}, {"acts": [1, "2"]}, 'acts[1] must be a whole number, not "2"'),
        ({"type": "object"}, ["a"], "it must be an object, not a list"),
        ({"type": ["integer", "null"]}, True, "it must be a whole number or null, not true"),
        ({"enum": [1, 2, 3]}, 7, "it must be 1, 2 or 3, not 7"),
        ({"const": "x"}, "y", 'it must be "x"'),
        ({"required": ["title", "acts"]}, {}, 'it has no "title" or "acts"'),
        ({"properties": FIELDS, "additionalProperties": False}, {"b": 1, "a": 1},
         'it has "b" or "a", which is not a field'),
        ({"minLength": 3}, "a", "it must have at least 3 characters"),
        ({"exclusiveMinimum": 3}, 3, "it must be above 3"),
        ({"maxItems": 1}, [1, 2], "it must have at most 1 members"),
        ({"pattern": "^[a-z]+$"}, "A", "it does not match ^[a-z]+$"),
        ({"format": "date"}, "today", 'it is not of the format "date"'),
        ({"uniqueItems": True}, [1, 1], "it has a member twice"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "it fits none of the forms that the schema allows"),
        ({"not": {"type": "string"}}, "a", "it does not do what not says"),
    ],
)  # fmt: skip
def test_a_misfit_is_told(schema: dict[str, Any], value: Any, why: str) -> None:
    assert Validator(schema, "schema").why_not(value) == why


def test_what_a_model_wrote_is_shortened_and_made_safe() -> None:
    told = Validator({"type": "integer"}, "schema").why_not("\x1b[31m" + "long " * 1000)
    assert told is not None
    assert len(told) <= MOST_CHARACTERS
    assert "\x1b" not in told


def test_many_names_are_shortened_and_always_the_same() -> None:
    validator = Validator({"additionalProperties": False}, "schema")
    value = {f"field{number}": 1 for number in range(1000)}
    told = validator.why_not(value)
    assert told is not None
    assert told.startswith('it has "field0", "field1", ')
    assert len(told) <= MOST_CHARACTERS
