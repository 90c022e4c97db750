"""Promises of recipe.check: it finds what a run would stumble over, with its place and the nearest name."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config import Message, Prompt, Record
from asyncsynth.config.config import steps_of
from asyncsynth.config.sources import Axes, Dependent
from asyncsynth.errors import Problem
from asyncsynth.recipe.check import check
from asyncsynth.values import Value
from tests.recipe.sources.opened import source, written

AXES: dict[str, tuple[Value, ...]] = {
    "genre": ("horror", "crime"),
    "place": ({"name": "India", "continent": "Asia"}, {"name": "Chile", "continent": "America"}),
}
REQUEST = "{{ uuid }} {{ genre }} in {{ place.name }}"
RECORD = "Genre: {{ genre }}\n\nOutline: "


def problems_of(
    request: str = REQUEST,
    record: str | list[str] = RECORD,
    system: str | None = None,
    axes: Axes = AXES,
) -> list[Problem]:
    return check(steps_of(Prompt(request=request, system=system), {}), Record(prompt=record), axes)


@pytest.mark.parametrize("name", ["range", "dict", "lipsum", "cycler", "joiner", "namespace"])
def test_an_axis_may_have_the_name_of_a_function_of_jinjas(name: str) -> None:
    assert problems_of(f"{{{{ uuid }}}} {{{{ {name} }}}}", f"{{{{ {name} }}}}: ", axes={name: ("a", "b")}) == []


def test_right_templates_have_no_problems() -> None:
    assert problems_of() == []
    assert problems_of(system="Be {{ genre }}, {{ [1, 2] | join('-') }}") == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"request": REQUEST + "\n{{ genre"},
            Problem("prompt.request", "line 2: unexpected end of template, expected }}"),
        ),
        (
            {"record": "{% if %}"},
            Problem("record.prompt", "line 1: Expected an expression, got 'end of statement block'"),
        ),
        ({"system": "\n{{ genre | uper }}"}, Problem("prompt.system", "line 2: No filter named 'uper'", "upper")),
        (
            {"system": "{% if genre == 'none of them' %}{{ 1 is evn }}{% endif %}"},
            Problem("prompt.system", "line 1: No test named 'evn'", "even"),
        ),
        (
            {"request": REQUEST + "\n{{ gerne }}"},
            Problem("prompt.request", "line 2: there is no axis 'gerne'", "genre"),
        ),
        ({"record": "{{ completin }}"}, Problem("record.prompt", "line 1: there is no axis 'completin'", "completion")),
        ({"record": "{{ zzzzzz }}"}, Problem("record.prompt", "line 1: there is no axis 'zzzzzz'")),
        (
            {"record": "\n\n{{ place.continet }}"},
            Problem("record.prompt", "line 3: the table has no field 'continet'", "continent"),
        ),
        (
            {"record": "{{ uuid }}"},
            Problem("record.prompt", "line 1: uuid is part of the request and not of the training example"),
        ),
        (
            {"system": "{{ completion }}"},
            Problem("prompt.system", "line 1: completion is there for the training example only, not for the request"),
        ),
        (
            {"record": ["right", "{{ gerne }}"]},
            Problem("record.prompt[1]", "line 1: there is no axis 'gerne'", "genre"),
        ),
        ({"record": "{{ 1 / 0 }}"}, Problem("record.prompt", "line 1: division by zero")),
        (
            {"system": "{{ uuid.split('-')[1] }}"},
            Problem("prompt.system", "line 1: list object has no element 1, uuid left blank as for the key"),
        ),
        (
            {"request": "{% if genre != 'crime' and place %}x{% endif %}"},
            Problem("prompt.request", 'renders to nothing (with genre = "crime")'),
        ),
        ({"record": "{{ (" + "(" * 9999 + "1" + ")" * 10000 + " }}"}, Problem("record.prompt", "is nested too deep")),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_nearest_name(changes: dict[str, Any], problem: Problem) -> None:
    assert problems_of(**changes) == [problem]


@pytest.mark.parametrize(
    ("source", "what", "near"),
    [
        ("{% for i in range(3) %}{% endfor %}", "range() is not possible in a template here", None),
        ("{% macro f() %}{% endmacro %}", "{% macro %} is not possible in a template here", None),
        ("{{ 2 ** 3 }}", "** is not possible in a template here", None),
        ("{{ '%d' % 3 }}", '% is for two numbers only. For formats there is {{ "%d" | format(year) }}.', None),
        ("{{ 'so ' * 3 }}", "* is for two numbers only. Write out what is to be repeated.", None),
        ("{{ genre.upper }}", ".upper is not a field; a pair of () may be missing", None),
        ("{{ {['a']: 1} }}", "unhashable type: 'list'", None),
        ("{% if 'b' ~ (1, 2)[3] %}{% endif %}", "tuple object has no element 3", None),
        ("{{ genre | truncate(1) }}", "expected length >= 3, got 1", None),
        ("{{ genre._id }}", '._id is not possible in a template here; write ["_id"]', None),
        ("{{ genre.__class__ }}", ".__class__ is not possible in a template here", None),
        ("{{ genre | uper }}", "No filter named 'uper'", "upper"),
        ("{% fro x in [1] %}{% endfor %}", "Encountered unknown tag 'fro'", "for"),
    ],
)
def test_what_the_sandbox_refuses_is_a_problem_with_its_line(source: str, what: str, near: str | None) -> None:
    (problem,) = problems_of(record="ok\n" + source + "{{ completion }}")

    assert problem.place == "record.prompt"
    assert problem.what.startswith(f"line 2: {what}")
    assert problem.nearest == near


def test_a_record_without_the_answer_is_a_problem() -> None:
    record = Record(messages=[Message(role="user", content="{{ genre }}")])
    prompt = Prompt(request=REQUEST)

    assert check(steps_of(prompt, {}), record, AXES) == [
        Problem("record", "never uses {{ completion }}, so what the model writes would be in no training example")
    ]
    misspelt = Record(prompt="x", completion="{{ completin }}")
    assert [problem.place for problem in check(steps_of(prompt, {}), misspelt, AXES)] == ["record.completion"]


def test_a_wrong_section_is_left_out() -> None:
    assert check((), Record(prompt="{{ gerne }}"), AXES) == [
        Problem("record.prompt", "line 1: there is no axis 'gerne'", "genre")
    ]
    assert [problem.place for problem in check(steps_of(Prompt(request="x"), {}), None, AXES)] == [
        "axes.genre",
        "axes.place",
    ]


def test_templates_that_take_long_are_not_rendered_for_every_value() -> None:
    seconds = count()  # a second for each look at the clock
    axes: dict[str, tuple[Value, ...]] = {"genre": tuple(map(str, range(900)))}

    assert (
        check(steps_of(Prompt(request="{{ genre }}"), {}), Record(prompt="x"), axes, lambda: float(next(seconds))) == []
    )
    assert next(seconds) < 30


def test_a_long_value_is_cut_in_a_message() -> None:
    axes: dict[str, tuple[Value, ...]] = {"page": ({"text": "a", "title": "b"}, {"text": "long " * 10_000})}
    (problem,) = problems_of("{{ page.title }}", "x", axes=axes)

    assert len(str(problem)) < 200


def test_a_field_that_only_a_later_table_lacks_is_found() -> None:
    axes: dict[str, tuple[Value, ...]] = {
        "place": ({"name": "India", "food": "dal"}, {"name": "Chile"}, {"name": "Mali"})
    }

    assert problems_of("{{ place.name }}, {{ place.food }}", "x", axes=axes) == [
        Problem(
            "prompt.request",
            'line 1: the table has no field \'food\' (with place = {"name": "Chile"}); others have it: write'
            ' .food | default("...")',
        )
    ]


def test_an_axis_that_no_request_uses_is_a_problem_of_the_axis() -> None:
    (problem,) = problems_of("{{ place.name }}", RECORD)

    assert problem.place == "axes.genre"
    assert "combinations.repeats" in problem.what


def test_an_axis_counts_as_used_in_the_system_text_and_with_a_single_value() -> None:
    assert problems_of("{{ place.name }}", RECORD, "You write {{ genre }}.") == []
    assert problems_of("{{ place.name }}", axes={**AXES, "genre": ("horror",)}) == []


def test_all_mistakes_are_told_at_once_and_none_follows_from_another() -> None:
    problems = problems_of("{{ gerne }}{{ plaec.name }}", "{{ 1 / 0 }}", "{{")

    assert [(one.place, one.nearest) for one in problems] == [
        ("prompt.system", None),
        ("prompt.request", "genre"),
        ("prompt.request", "place"),
        ("record.prompt", None),
    ]


def test_a_missing_name_is_one_mistake_and_not_an_unused_axis_too() -> None:
    problems = problems_of("{{ gerne }} {{ place.name }}")

    assert [one.place for one in problems] == ["prompt.request"]


TREE: Axes = {
    "genre": ("horror", "crime"),
    "sub": Dependent("genre", {"horror": ("ghost", "slasher"), "crime": ("noir",)}),
    "weapon": Dependent("sub", {"ghost": ("fear",), "slasher": ("axe",), "noir": ("gun",)}),
}


def test_what_depends_on_an_axis_uses_it_too() -> None:
    assert problems_of("{{ weapon }}", "{{ genre }}: ", axes=TREE) == []
    assert [problem.place for problem in problems_of("{{ sub }}", "x", axes=TREE)] == ["axes.weapon"]


def test_only_combinations_that_there_are_are_rendered() -> None:
    tables = "{'horror': {'ghost': 1, 'slasher': 2}, 'crime': {'noir': 3}}"
    assert problems_of(f"{{{{ {tables}[genre][sub] }}}} {{{{ weapon }}}}", "x", axes=TREE) == []


def test_a_combination_that_can_not_be_rendered_is_told_with_all_axes_that_belong_together() -> None:
    (problem,) = problems_of("{{ weapon }} {{ {'ghost': 1, 'slasher': 2}[sub] }}", "x", axes=TREE)
    assert problem.what.endswith('(with genre = "crime", sub = "noir", weapon = "gun")')


def test_a_late_column_that_a_row_lacks_is_told_with_file_and_line(tmp_path: Path) -> None:
    lines = [f'{{"name": "n{number}", "color": "red"}}' for number in range(1500)]
    lines[1400] = '{"name": "n", "color": null}'
    axes: Axes = {"x": source(written(tmp_path / "x.jsonl", "\n".join(lines)))}
    (problem,) = problems_of("{{ x.name }} {{ x.color }}", "x", axes=axes)

    assert problem.what.startswith("line 1: the table has no field 'color'")
    assert "x.jsonl, line 1,401" in problem.what
    assert problems_of("{{ x.name }} {{ x.color | default('any') }}", "x", axes=axes) == []
