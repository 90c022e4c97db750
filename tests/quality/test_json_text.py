"""JSON in what a model wrote: what is read, with which flags, and what can't be meant for certain."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.quality.json_text import DEEPEST, MOST, NoJson, found_in, values_in, whole


@pytest.mark.parametrize("text", ['{"a": 1}', ' \n{"a":1}\n ', '\r\n\t{"a" : 1}'])
def test_a_text_that_is_json_has_no_flags(text: str) -> None:
    found = whole(text)
    assert found is not None
    assert (found.value, found.flags) == ({"a": 1}, ())


@pytest.mark.parametrize(("text", "value"), [("[1, 2]", [1, 2]), ('"a"', "a"), ("5", 5), ("null", None), ("[]", [])])
def test_any_value_can_be_the_whole_text(text: str, value: Any) -> None:
    found = whole(text)
    assert found is not None
    assert found.value == value


@pytest.mark.parametrize("text", ['{"a": 1} So it is.', "A story.", "", "{name}, hello", "5 stars", 'Here: {"a": 1}'])
def test_a_text_with_something_else_in_it_is_not_json_as_a_whole(text: str) -> None:
    assert whole(text) is None


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ('```json\n{"a": 1}\n```', ("fenced",)),
        ('```\n{"a": 1}\n```\n', ("fenced",)),
        ('~~~JSON\n{"a": 1}\n~~~', ("fenced",)),
        ('```json\n{"a": 1}', ("fenced",)),
        ('Here it is:\n```json\n{"a": 1}\n```', ("fenced", "prose_around_json")),
        ('```json\n{"a": 1}\n```\nI hope that helps.', ("fenced", "prose_around_json")),
        ('Here it is: {"a": 1}', ("prose_around_json",)),
        ('{"a": 1}\nDone.', ("prose_around_json",)),
        ('The set {1, 2} and {name}: {"a": 1}', ("prose_around_json",)),
    ],
)
def test_what_is_around_it_is_flagged(text: str, flags: tuple[str, ...]) -> None:
    (found,) = found_in(text, "{")
    assert (found.value, found.flags) == ({"a": 1}, flags)


def test_values_side_by_side_are_all_found_and_those_within_are_not() -> None:
    found = found_in('First {"a": {"b": 1}}, then {"c": [{"d": 2}]}.', "{")
    assert [document.value for document in found] == [{"a": {"b": 1}}, {"c": [{"d": 2}]}]


def test_lists_are_found_where_lists_are_looked_for() -> None:
    assert [document.value for document in found_in("As asked: [1, [2]] - see [above].", "[")] == [[1, [2]]]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A story.", "has no JSON in it"),
        ("", "has no JSON in it"),
        ('{"a": [1, 2', "breaks off"),
        ('{"a": "and then', "breaks off"),
        ('Here: {"a": {"b": 1}, "c": ', "breaks off"),  # and not {"b": 1}
        ('{"a": 1,}', "is broken at character"),
        ("{\"a\": 'b'}", "is broken at character 7"),
        ('{"a": 1, "a": 1}', '"a" twice'),
        ('{"x": {"grade": 1, "grade": 5}}', '"grade" twice'),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1e999}', "beyond 64 bits"),
        ('{"a": [9223372036854775808]}', "beyond 64 bits"),
        ('{"a": ' + "9" * 5000 + "}", "beyond 64 bits"),
        ('{"a":' * 101 + "1" + "}" * 101, f"more than {DEEPEST} deep"),
        ('{"a":' * 200_000, f"more than {DEEPEST} deep"),
        ('{"a": ' + "[" * 200_000 + "}", f"more than {DEEPEST} deep"),
        ('{"a": 1} ' * (MOST + 1), f"more than {MOST} JSON values"),
    ],
)
def test_what_can_not_be_read_for_certain_is_told(text: str, why: str) -> None:
    with pytest.raises(NoJson) as caught:
        found_in(text, "{")
    assert why in str(caught.value)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_numbers_of_64_bits_are_kept(number: int) -> None:
    found = whole(f'{{"a": {number}}}')
    assert found is not None
    assert found.value == {"a": number}


@pytest.mark.parametrize(
    ("text", "value", "flags"),
    [
        ('{"a": "one\ntwo"}', "one\ntwo", ("raw_control",)),
        ('{"a": "\\ud83d!"}', "\ufffd!", ("lone_surrogate",)),
        ('{"a": "\ud83d!"}', "\ufffd!", ("lone_surrogate",)),
        ('{"a": "\\ud83d\\ude00"}', "\U0001f600", ()),
        ('{"a": "\\uD83D\n"}', "\ufffd\n", ("raw_control", "lone_surrogate")),
    ],
)
def test_what_had_to_be_mended_is_flagged(text: str, value: str, flags: tuple[str, ...]) -> None:
    found = whole(text)
    assert found is not None
    assert (found.value, found.flags) == ({"a": value}, flags)


def test_half_a_pair_is_mended_in_names_and_lists_as_well() -> None:
    found = whole('{"\\ud83d": [{"b": "\\udc00"}]}')
    assert found is not None
    assert found.value == {"\ufffd": [{"b": "\ufffd"}]}


def test_the_values_in_a_text_are_found_whatever_is_around_them() -> None:
    assert list(values_in('{"broken": {"a": 1} and {x} and {"a":1}, {"n": NaN}')) == [{"a": 1}, {"a": 1}]
