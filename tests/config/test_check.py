"""Every mistake of a config is told at once, with its place and the nearest valid name."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config.check import check
from asyncsynth.errors import ConfigError

GOOD = """
[axes]
genre = ["horror", "mystery"]
place = [{ name = "India", capital = "Delhi" }, { name = "Peru", capital = "Lima" }]
[prompt]
request = "{{ genre }} {{ place.name }}"
[record]
prompt = "{{ genre }}: "
[output]
directory = "runs/a"
"""


def tree(**sections: dict[str, Any]) -> dict[str, Any]:
    parsed = tomllib.loads(GOOD)
    for name, options in sections.items():
        parsed.setdefault(name, {}).update(options)
    return parsed


def messages(parsed: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in check(parsed, "config.toml").problems]


def test_a_good_config_has_no_problem_and_the_documented_defaults() -> None:
    config = check(tree(), "config.toml").config()
    assert config.limits.concurrency == 8
    assert config.limits.max_attempts == 6
    assert config.combinations.seed == 2022
    assert config.endpoint.provider == "local"
    assert config.output.raw_log is True
    assert config.axes["place"][0] == {"name": "India", "capital": "Delhi"}


def test_the_config_that_ships_is_good() -> None:
    shipped = Path(__file__).parents[2] / "config.toml"
    assert messages(tomllib.loads(shipped.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("section", "options", "message"),
    [
        (
            "limits",
            {"request_per_minute": 5},
            "limits.request_per_minute: unknown option; did you mean requests_per_minute?",
        ),
        ("ouput", {"directory": "x"}, "ouput: unknown section; did you mean output?"),
        ("limits", {"concurrency": 0}, "limits.concurrency: must be a whole number from 1 to 10,000, or auto; not 0"),
        (
            "limits",
            {"concurrency": "8"},
            "limits.concurrency: must be a whole number from 1 to 10,000, or auto; not '8'",
        ),
        (
            "combinations",
            {"exclude": [{"gener": "horror"}]},
            "combinations.exclude[0].gener: no such axis; did you mean genre?",
        ),
        (
            "combinations",
            {"exclude": [{"genre": "horor"}]},
            "combinations.exclude[0].genre: axis has no value 'horor'; did you mean horror?",
        ),
        ("combinations", {"exclude": [{}]}, "combinations.exclude[0]: is empty and would exclude everything"),
        ("axes", {"genre": []}, "axes.genre: must be a list of at least one value"),
        ("axes", {"genre": ["a", "a"]}, "axes.genre[1]: 'a' is there twice; for more samples set combinations.repeats"),
        ("axes", {"genre": [["a"]]}, "axes.genre[0]: must be a string, a number or a table of such"),
        (
            "axes",
            {"uuid": ["a"]},
            "axes.uuid: can't be used as a name in a template: letters, digits and _, not uuid",
        ),
        (
            "endpoint",
            {"parameters": {"n": 3}},
            "endpoint.parameters: n can't be set here: one request brings one whole answer",
        ),
        (
            "endpoint",
            {"parameters": {"temperature": float("nan")}},
            "endpoint.parameters: can't be sent as JSON: Out of range float values are not JSON compliant",
        ),
        (
            "endpoint",
            {"provider": "openai", "base_url": "http://example.com/v1"},
            "endpoint.base_url: must be https: over http the key and the prompts can be read on the way",
        ),
        (
            "endpoint",
            {"price": {"inptu": 1.0, "output": 2.0}},
            "endpoint.price.inptu: unknown option; did you mean input?",
        ),
    ],
)
def test_a_mistake_is_told_with_place_and_nearest_name(section: str, options: dict[str, Any], message: str) -> None:
    assert messages(tree(**{section: options})) == [message]


def test_five_mistakes_in_five_places_are_five_messages() -> None:
    parsed = tree(
        axes={"genre": []},
        combinations={"exclude": [{"plaec": "x"}]},
        endpoint={"modle": "x"},
        limits={"max_attempt": 1},
        outptu={},
    )
    places = [problem.place for problem in check(parsed, "config.toml").problems]
    assert sorted(places) == [
        "axes.genre",
        "combinations.exclude[0].plaec",
        "endpoint.modle",
        "limits.max_attempt",
        "outptu",
    ]


def test_no_axes_at_all_is_one_mistake() -> None:
    assert messages(tree(axes={"genre": [], "place": []}) | {"axes": {}}) == [
        'axes: at least one axis is needed, like genre = ["horror", "mystery"]'
    ]


def test_config_raises_all_problems_at_once() -> None:
    checked = check(tree(limits={"max_attempt": 1}), "my.toml")
    with pytest.raises(ConfigError, match=r"my.toml: 1 mistake\n  limits.max_attempt: unknown option") as caught:
        checked.config()
    assert caught.value.exit_status == 2
