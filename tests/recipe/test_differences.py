"""Promises of recipe.differences: every change of a recipe in a line that a person can read."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncsynth.recipe.differences import differences

SUB = {"by": "genre", "values": {"horror": ["slasher"]}}
FACTS: dict[str, Any] = {
    "schema": 1,
    "endpoint": {"api": "chat", "model": "small", "parameters": {"temperature": 1.0, "stop": ["a", "b"]}},
    "prompt": {"request": "one\ntwo\nImagine a film.\nfour", "system": None},
    "axes": {"genre": ["horror", "crime", 1], "place": [{"name": "India"}], "sub": SUB},
    "combinations": {"exclude": [{"genre": "crime"}], "repeats": 1, "seed": 2022},
}
LONG = "Imagine a complete and detailed plot outline for a film set in India during the 1990s, "


@pytest.mark.parametrize(
    ("place", "value", "lines"),
    [
        ("endpoint.parameters.temperature", 0.7, ["endpoint.parameters.temperature: 1.0 -> 0.7"]),
        ("endpoint.parameters.max_tokens", 5, ["endpoint.parameters.max_tokens: not set -> 5"]),
        ("endpoint.parameters", {"stop": ["a", "b"]}, ["endpoint.parameters.temperature: 1.0 -> not set"]),
        ("endpoint.parameters.stop", ["b", "c"], ['endpoint.parameters.stop: + "c", - "a"']),
        ("endpoint.parameters.stop", ["b", "a"], ["endpoint.parameters.stop: other order"]),
        ("endpoint.parameters.temperature", True, ["endpoint.parameters.temperature: 1.0 -> true"]),
        ("endpoint.model", "large", ['endpoint.model: "small" -> "large"']),
        ("axes.genre", ["western", "crime", 1], ['axes.genre: + "western", - "horror"']),
        ("axes.genre", ["horror", "crime", True], ["axes.genre: + true, - 1"]),
        ("axes.place", [{"name": "Chile"}], ['axes.place: + {"name":"Chile"}, - {"name":"India"}']),
        ("axes.mood", ["dark", "light"], ['axes.mood: not set -> ["dark","light"]']),
        (
            "axes.sub.values",
            {"horror": ["slasher", "ghost"], "crime": ["noir"]},
            ['axes.sub.crime: not set -> ["noir"]', 'axes.sub.horror: + "ghost"'],
        ),
        ("axes.sub.by", "place", ['axes.sub.by: "genre" -> "place"']),
        ("combinations.exclude", [], ['combinations.exclude: - {"genre":"crime"}']),
        ("combinations.repeats", 3, ["combinations.repeats: 1 -> 3"]),
        ("prompt.system", "Be brief.", ['prompt.system: null -> "Be brief."']),
        (
            "prompt.request",
            "one\ntwo\nImagine a story.\nfour",
            ['prompt.request: line 3: "Imagine a film." -> "Imagine a story."'],
        ),
        ("prompt.request", "one\nImagine a film.\nfour", ['prompt.request: line 2: - "two"']),
        (
            "prompt.request",
            "one\ntwo\nImagine a film.\nfour \nfive",
            ['prompt.request: line 4: "four" -> "four "', 'prompt.request: line 5: + "five"'],
        ),
        ("prompt", "damaged", ['prompt: {"request":"one\\ntwo\\nImagine a film.\\nfour","system":null} -> "damaged"']),
    ],
)
def test_a_change_is_one_line_with_its_place(place: str, value: Any, lines: list[str]) -> None:
    new = copy.deepcopy(FACTS)
    *sections, name = place.split(".")
    section = new
    for one in sections:
        section = section[one]
    section[name] = value

    assert differences(FACTS, new) == lines


def test_equal_facts_have_no_differences_whatever_way_they_went_through_json() -> None:
    new = json.loads(json.dumps(FACTS))
    new["endpoint"]["parameters"]["temperature"] = 1

    assert differences(FACTS, new) == []


def test_another_order_of_axes_is_told_where_nothing_else_has_changed() -> None:
    turned = {**FACTS, "axes": dict(reversed(FACTS["axes"].items()))}
    assert differences(FACTS, turned) == ["axes: other order"]
    assert differences(FACTS, {**turned, "schema": 2}) == ["schema: 1 -> 2"]


def test_a_change_far_into_a_long_line_is_shown() -> None:
    (line,) = differences({"request": LONG + "supernatural." + LONG}, {"request": LONG + "funny." + LONG})

    assert '..."' in line
    assert "supernatural" in line
    assert "funny" in line
    assert len(line) < 200


def test_control_characters_are_escaped() -> None:
    (line,) = differences({"model": "a"}, {"model": "\x1b[31mred"})

    assert line == 'model: "a" -> "\\u001b[31mred"'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=40)
@given(old=st.dictionaries(st.text(), json_values), new=st.dictionaries(st.text(), json_values))
def test_any_two_facts_can_be_compared(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert differences(old, copy.deepcopy(old)) == []
    assert all(isinstance(line, str) for line in differences(old, new))


def test_integers_beyond_64_bits_are_shown_as_they_are() -> None:
    old = {"axes": {"n": [["123456789012345678901234567890"], 5]}, "combinations": {"seed": 1}}
    new = {"axes": {"n": [["123456789012345678901234567890"], 6]}, "combinations": {"seed": [str(2**70)]}}

    assert differences(old, new) == ["axes.n: + 6, - 5", f"combinations.seed: 1 -> {2**70}"]


def test_a_changed_record_is_no_difference_for_it_costs_nothing() -> None:
    assert differences({"record": {"prompt": "a"}}, {"record": {"prompt": "b", "completion": "c"}}) == []
