"""Promises of config.axes: tables of axes are checked like all else, each mistake with its place."""

from __future__ import annotations

import tomllib

import pytest

from asyncsynth.config.check import check
from asyncsynth.config.sources import Drawn

REST = """
genre = ["horror", "war"]
[prompt]
request = "{{ genre }}"
[record]
prompt = "{{ genre }}: "
[output]
directory = "runs/a"
"""


def messages(axes: str, rest: str = REST) -> list[str]:
    return [str(problem) for problem in check(tomllib.loads(f"[axes]\n{axes}{rest}"), "config.toml").problems]


def test_draws_have_equal_weights_or_those_that_are_given() -> None:
    axes = 'a = { draw = ["x", 1] }\nb = { draw = ["x", "y"], weights = [3, 0.5] }'
    config = check(tomllib.loads(f"[axes]\n{axes}{REST}"), "config.toml").config()
    assert (config.axes["a"], config.axes["b"]) == (Drawn(("x", 1), (1.0, 1.0)), Drawn(("x", "y"), (3.0, 0.5)))


@pytest.mark.parametrize(
    ("axis", "message"),
    [
        ('{ draw = ["a", "b"], weights = [1] }', "x.weights: has 1 numbers for 2 values"),
        ('{ draw = ["a", "b"], weights = [1, 0] }', "x.weights: must be numbers above 0"),
        ('{ draw = ["a", "b"], weights = [1, inf] }', "x.weights: must be numbers above 0"),
        ('{ draw = ["a", "b"], weights = [1, true] }', "x.weights: must be numbers above 0"),
        ('{ draw = ["a", "a"] }', 'x.draw[1]: "a" appears twice'),
        ("{ draw = [] }", "x.draw: must be a list of at least one value"),
        ('{ draw = "a" }', 'x.draw: must be a list, not "a"'),
        ("{ rows = 5 }", "x.rows: must be a text, not 5"),
        ('{ rows = "a.csv", sample = 0 }', "x.sample: must be above 0, not 0"),
        ('{ rows = "a.csv", sample = 1.5 }', "x.sample: must be at most 1, not 1.5"),
        ('{ rows = "a.csv", column = ["b"] }', "x.column: unknown option; did you mean columns?"),
        ('{ rows = "a.csv", columns = [] }', "x.columns: must not be empty"),
        ('{ lines = "a.txt", columns = ["b"] }', "x.columns: unknown option"),
        (
            '{ row = "a.csv" }',
            "x: a table here needs one of rows, lines, by, draw; plain values go in a list; did you mean",
        ),
        ('{ name = "India" }', "x: a table here needs one of rows, lines, by, draw; plain values go in a list"),
        ("5", "x: must be a list of at least one value"),
    ],
)
def test_each_mistake_is_told_with_its_place(axis: str, message: str) -> None:
    (found,) = messages(f"x = {axis}")
    assert f"axes.{message}" in found


def test_something_must_be_multiplied() -> None:
    (found,) = messages('genre = { draw = ["a"] }', REST.replace('genre = ["horror", "war"]', ""))
    assert found == "axes: needs an axis that is not drawn: a drawn one multiplies nothing"


@pytest.mark.parametrize(
    ("axis", "told"),
    [('{ draw = ["a"] }', "are drawn"), ('{ rows = "a.csv" }', "come from a file; leave rows out with where")],
)
def test_only_values_of_the_config_can_be_excluded(axis: str, told: str) -> None:
    rest = f"{REST}[combinations]\nexclude = [{{ x = 'a' }}]"
    assert messages(f"x = {axis}", rest) == [f"combinations.exclude[0].x: can't be excluded: the values {told}"]
