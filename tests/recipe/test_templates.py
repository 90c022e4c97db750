"""Promises of recipe.templates: a check finds what a run would stumble over, with its place and the nearest name."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config import Prompt
from asyncsynth.errors import Problem, UsageError
from asyncsynth.recipe.templates import Templates, check
from asyncsynth.values import Value

AXES: dict[str, tuple[Value, ...]] = {
    "genre": ("horror", "crime"),
    "place": ({"name": "India", "continent": "Asia"}, {"name": "Chile", "continent": "America"}),
}
REQUEST = "{{ uuid }} {{ genre }} in {{ place.name }}"
RECORD = "Genre: {{ genre }}\n\nOutline: "


def prompt(request: str = REQUEST, record: str = RECORD, system: str | None = None) -> Prompt:
    return Prompt(request=request, record=record, system=system)


def test_right_templates_have_no_problems() -> None:
    assert check(prompt(), AXES) == []
    assert check(prompt(system="Be {{ genre }}, {{ range(2) | list }}"), AXES) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"request": REQUEST + "\n{{ genre"},
            Problem("prompt.request", "line 2: unexpected end of template, expected 'end of print statement'."),
        ),
        (
            {"record": "{% if %}"},
            Problem("prompt.record", "line 1: Expected an expression, got 'end of statement block'"),
        ),
        ({"system": "\n{{ genre | uper }}"}, Problem("prompt.system", "line 2: No filter named 'uper'.", "upper")),
        (
            {"system": "{% if genre == 'none of them' %}{{ 1 is evn }}{% endif %}"},
            Problem("prompt.system", "line 1: No test named 'evn'.", "even"),
        ),
        (
            {"request": REQUEST + "\n{{ gerne }}"},
            Problem("prompt.request", "line 2: there is no axis 'gerne'", "genre"),
        ),
        ({"record": "{{ uid }}"}, Problem("prompt.record", "line 1: there is no axis 'uid'", "uuid")),
        ({"record": "{{ zzzzzz }}"}, Problem("prompt.record", "line 1: there is no axis 'zzzzzz'")),
        (
            {"record": "\n\n{{ place.continet }}"},
            Problem("prompt.record", "line 3: 'dict object' has no attribute 'continet'", "continent"),
        ),
        ({"record": "{{ 1 / 0 }}"}, Problem("prompt.record", "line 1: division by zero")),
        (
            {"record": "{{ uuid.split('-')[1] }}"},
            Problem("prompt.record", "line 1: list object has no element 1, uuid left blank as for the key"),
        ),
        (
            {"request": "{% if genre != 'crime' and place %}x{% endif %}"},
            Problem("prompt.request", "renders to nothing (with genre = 'crime')"),
        ),
        ({"record": "{{ (" + "(" * 9999 + "1" + ")" * 10000 + " }}"}, Problem("prompt.record", "is nested too deep")),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_nearest_name(changes: dict[str, str], problem: Problem) -> None:
    assert check(prompt(**changes), AXES) == [problem]


@pytest.mark.parametrize(
    "runaway", ["{% for i in range(10**9) %}x{% endfor %}", "{{ 'a' * 10**10 }}", "{{ genre.upper }}"]
)
def test_what_the_sandbox_refuses_is_a_problem(runaway: str) -> None:
    (problem,) = check(prompt(record="ok\n" + runaway), AXES)

    assert problem.place == "prompt.record"
    assert problem.what.startswith("line 2: ")


def test_a_field_that_only_a_later_table_lacks_is_found() -> None:
    axes: dict[str, tuple[Value, ...]] = {
        "place": ({"name": "India", "food": "dal"}, {"name": "Chile"}, {"name": "Mali"})
    }

    assert check(prompt("{{ place.name }}, {{ place.food }}", "x"), axes) == [
        Problem(
            "prompt.request",
            "line 1: 'dict object' has no attribute 'food' (with place = {'name': 'Chile'})",
            "food",
        )
    ]


def test_an_axis_that_no_request_uses_is_a_problem_of_the_axis() -> None:
    (problem,) = check(prompt("{{ place.name }}", RECORD), AXES)

    assert problem.place == "axes.genre"
    assert "combinations.repeats" in problem.what


def test_an_axis_counts_as_used_in_the_system_text_and_with_a_single_value() -> None:
    assert check(prompt("{{ place.name }}", RECORD, "You write {{ genre }}."), AXES) == []
    assert check(prompt("{{ place.name }}", RECORD), {**AXES, "genre": ("horror",)}) == []


def test_all_mistakes_are_told_at_once_and_none_follows_from_another() -> None:
    problems = check(prompt("{{ gerne }}{{ plaec.name }}", "{{ 1 / 0 }}", "{{"), AXES)

    assert [(one.place, one.nearest) for one in problems] == [
        ("prompt.system", None),
        ("prompt.request", "genre"),
        ("prompt.request", "place"),
        ("prompt.record", None),
    ]


def test_a_missing_name_is_one_mistake_and_not_an_unused_axis_too() -> None:
    problems = check(prompt("{{ gerne }} {{ place.name }}"), AXES)

    assert [one.place for one in problems] == ["prompt.request"]


def test_templates_render_their_texts() -> None:
    templates = Templates(prompt(system="On {{ genre }} {{ uuid }}"))
    combination: dict[str, Value] = {"genre": "crime", "place": {"name": "Chile", "continent": "America"}}

    assert templates.texts(combination, "U") == ("U crime in Chile", "On crime U", "Genre: crime\n\nOutline: ")
    assert templates.asked(combination) == (" crime in Chile", "On crime ")
    assert Templates(prompt()).texts(combination, "U")[1] is None


@pytest.mark.parametrize("wrong", [{"request": "{{"}, {"record": "{{ (" + "(" * 9999 + "1" + ")" * 10000 + " }}"}])
def test_a_template_that_can_not_be_compiled_is_a_usage_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="can't be compiled"):
        Templates(prompt(**wrong))
