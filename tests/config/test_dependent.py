"""Promises of config.dependent: axes that depend on each other are checked as a whole; what they leave out is told."""

from __future__ import annotations

import tomllib

import pytest

from asyncsynth.config.check import check
from asyncsynth.config.sources import Dependent

REST = """
[prompt]
request = "{{ genre }} {{ subgenre }}"
[record]
prompt = "{{ genre }}: "
[output]
directory = "runs/a"
"""


def messages(axes: str) -> list[str]:
    return [str(problem) for problem in check(tomllib.loads(f"[axes]\n{axes}{REST}"), "config.toml").problems]


def test_lists_are_named_by_texts_numbers_and_booleans() -> None:
    axes = 'genre = ["horror", 1990, true]\nsubgenre = { by = "genre", horror = ["a"], 1990 = ["b", 2], true = ["c"] }'
    config = check(tomllib.loads(f"[axes]\n{axes}{REST}"), "config.toml").config()

    assert config.axes["subgenre"] == Dependent("genre", {"horror": ("a",), "1990": ("b", 2), "true": ("c",)})
    assert config.notes == ()


def test_values_without_a_list_are_told_and_an_empty_list_says_that_it_is_meant() -> None:
    axes = 'genre = ["horror", "war", "crime", "romance"]\nsubgenre = { by = "genre", horror = ["a"], romance = [] }'
    config = check(tomllib.loads(f"[axes]\n{axes}{REST}"), "config.toml").config()

    assert config.notes == ('axes.subgenre has no list for genre = "war", "crime": nothing is made of them',)


GENRE = 'genre = ["horror", "war"]\n'


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (GENRE + 'sub = { by = "genres", horror = ["a"] }', 'sub.by: there is no axis "genres"; did you mean genre?'),
        (
            GENRE + 'sub = { by = "sub", horror = ["a"] }',
            "sub.by: goes round in a circle: no axis can depend on itself",
        ),
        (
            GENRE + 'sub = { by = "genre", horor = ["a"] }',
            'sub.horor: genre has no value "horor"; did you mean horror?',
        ),
        (GENRE + 'sub = { by = "genre" }', "sub: needs a list of values for a value of genre"),
        (GENRE + 'sub = { by = "genre", horror = [] }', "sub: needs a list of values for a value of genre"),
        (GENRE + 'sub = { by = "genre", horror = "a" }', 'sub.horror: must be a list, not "a"'),
        (GENRE + 'sub = { by = 5, horror = ["a"] }', "sub.by: must be a text, not 5"),
        (GENRE + 'sub = { by = "genre", horror = ["a", {}] }', "sub.horror[1]: is an empty table"),
        (GENRE + 'sub = { buy = "genre", horror = ["a"] }', "did you mean by?"),
    ],
)
def test_each_mistake_is_told_with_its_place(axes: str, message: str) -> None:
    found = messages(axes)
    assert [one for one in found if message in one], found


def test_a_circle_of_two_is_told_once_for_each() -> None:
    found = messages('a = { by = "b", x = ["y"] }\nb = { by = "a", y = ["x"] }')
    assert found == [f"axes.{name}.by: goes round in a circle: no axis can depend on itself" for name in ("a", "b")]


def test_an_axis_that_depends_on_a_circle_is_told_too() -> None:
    assert len(messages('a = { by = "a", x = ["y"] }\nb = { by = "a", y = ["x"] }\nc = { by = "b", x = ["1"] }')) >= 1


def test_exclude_knows_the_values_of_all_lists() -> None:
    axes = GENRE + 'sub = { by = "genre", horror = ["a"], war = ["b"] }\n'
    assert messages(axes + '[combinations]\nexclude = [{ sub = "b" }]') == []
    assert messages(axes + '[combinations]\nexclude = [{ sub = "c" }]') == [
        'combinations.exclude[0].sub: axis has no value "c"; did you mean "b"?'
    ]
