"""Every mistake of a config is told at once, with its place and the nearest valid name."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config.axes import RESERVED_NAMES
from asyncsynth.config.check import check
from asyncsynth.errors import ConfigError

GOOD = """
[axes]
genre = ["horror", "mystery"]
place = [{ name = "India", capital = "Delhi" }, { name = "Peru", capital = "Lima" }]
year = [1990, 2000]
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
    places = config.axes["place"]
    assert isinstance(places, tuple)
    assert places[0] == {"name": "India", "capital": "Delhi"}


def test_the_config_that_ships_is_good() -> None:
    shipped = Path(__file__).parents[2] / "config.toml"
    assert messages(tomllib.loads(shipped.read_text(encoding="utf-8"))) == []


MESSAGES: list[tuple[str, dict[str, Any], str]] = [
    ("limits", {"request_per_minute": 5}, "request_per_minute: unknown option; did you mean requests_per_minute?"),
    ("limits", {"concurrency": 0}, "concurrency: must be a whole number from 1 to 10,000, or auto; not 0"),
    ("limits", {"concurrency": "8"}, 'concurrency: must be a whole number from 1 to 10,000, or auto; not "8"'),
    ("limits", {"max_attempts": "6"}, 'max_attempts: must be a whole number, not "6"'),
    ("limits", {"max_attempts": True}, "max_attempts: must be a whole number, not true"),
    ("limits", {"max_attempts": 0}, "max_attempts: must be at least 1, not 0"),
    (
        "limits",
        {"requests_per_minute": 10**30},
        f"requests_per_minute: must be at most 1,000,000,000, not {10**30}",
    ),
    ("limits", {"max_cost_usd": 1e300}, "max_cost_usd: must be at most 1,000,000,000, not 1e+300"),
    ("limits", {"tokens_per_minute": 0}, "tokens_per_minute: must be above 0, not 0"),
    ("limits", {"repeats": 3}, "repeats: belongs in [combinations]"),
    (
        "endpoint",
        {"parameters": {"n": 3}},
        (
            "parameters: n can't be set here: one request brings one whole answer; "
            "for several answers set combinations.repeats"
        ),
    ),
    (
        "endpoint",
        {"parameters": {"stream": True}},
        "parameters: stream can't be set here: one request brings one whole answer",
    ),
    (
        "endpoint",
        {"parameters": {"temperature": float("nan")}},
        "parameters: can't be sent as JSON: Out of range float values are not JSON compliant",
    ),
    ("endpoint", {"parameters": {"seed": 2**63}}, "parameters: seed is beyond 64 bits, which services can't read"),
    (
        "endpoint",
        {"parameters": {"a": [{"b": -(2**70)}]}},
        "parameters: a[0].b is beyond 64 bits, which services can't read",
    ),
    ("endpoint", {"parameters": {"max_tokens": 0}}, "parameters: max_tokens must be a whole number above 0, not 0"),
    (
        "endpoint",
        {"parameters": {"max_completion_tokens": "200"}},
        'parameters: max_completion_tokens must be a whole number above 0, not "200"',
    ),
    ("endpoint", {"price": {"inptu": 1.0, "output": 2.0}}, "price.inptu: unknown option; did you mean input?"),
    ("endpoint", {"simulator": {"latncy_s": 1.0}}, "simulator.latncy_s: unknown option; did you mean latency_s?"),
    ("combinations", {"seed": 2**5000}, "seed: has too many digits"),
    ("combinations", {"exclude": [{"gener": "horror"}]}, "exclude[0].gener: no such axis; did you mean genre?"),
    (
        "combinations",
        {"exclude": [{"genre": "horor"}]},
        'exclude[0].genre: axis has no value "horor"; did you mean "horror"?',
    ),
    ("combinations", {"exclude": [{"year": "1990"}]}, 'exclude[0].year: axis has no value "1990"; did you mean 1990?'),
    ("combinations", {"exclude": [{"year": 1990.0}]}, "exclude[0].year: axis has no value 1990.0; did you mean 1990?"),
    (
        "combinations",
        {"exclude": [{"genre": ["horror", "mystery"]}]},
        "exclude[0].genre: must be one value of the axis; write an entry for each",
    ),
    ("combinations", {"exclude": [{}]}, "exclude[0]: is empty and would exclude everything"),
    ("combinations", {"exclude": ["horror"]}, 'exclude[0]: must be a table, not "horror"'),
    ("axes", {"genre": []}, "genre: must be a list of at least one value"),
    ("axes", {"genre": "horror"}, "genre: must be a list of at least one value"),
    (
        "axes",
        {"genre": ["a", "a"]},
        'genre[1]: "a" appears twice, first at [0]; for more samples set combinations.repeats',
    ),
    ("axes", {"genre": [["a"]]}, "genre[0]: must be a string, a number, true or false, or a table of such"),
    ("axes", {"genre": [{"a": {"b": 1}}]}, "genre[0]: a must be a string, a number, true or false"),
    ("axes", {"genre": [{}]}, "genre[0]: is an empty table"),
    ("axes", {"genre": [float("inf")]}, "genre[0]: must be a finite number, not inf"),
    ("axes", {"genre": [2**5000]}, "genre[0]: has too many digits; write it as a string"),
    ("axes", {"1st": ["a"]}, "1st: can't be a name in a template: only letters, digits and _ can, and no digit first"),
    ("record", {"usage": "x"}, "usage: is what every record has already; choose another name"),
    ("output", {"directory": "caf\udce9"}, 'directory: must be a text in UTF-8, not "caf?"'),
    ("record", {"other": 3}, "other: must be a text, or a list of texts of which one is drawn for each sample"),
    ("record", {"prompt": []}, "prompt: must be a text, or a list of texts of which one is drawn for each sample"),
    (
        "record",
        {"messages": [{"role": "usr", "content": "x"}]},
        'messages[0].role: "usr" is not one of system, developer, user, assistant, tool; did you mean user?',
    ),
    (
        "record",
        {"messages": [{"role": "user", "contnt": "x"}]},
        "messages[0].contnt: unknown option; did you mean content?",
    ),
    ("record", {"messages": []}, "messages: must not be empty"),
    ("prompt", {"record": "x"}, "record: is now record.prompt, in a section [record]"),
    ("output", {"raw_log": 1}, "raw_log: must be true or false, not 1"),
    ("output", {"directory": ""}, "directory: must not be empty"),
    ("output", {"directory": "a\0b"}, "directory: no path has a NUL character in it"),
]


@pytest.mark.parametrize(
    ("section", "options", "message"), MESSAGES, ids=[f"{one[0]}.{one[2][:40]}" for one in MESSAGES]
)
def test_a_mistake_is_told_with_place_and_nearest_name(section: str, options: dict[str, Any], message: str) -> None:
    assert messages(tree(**{section: options})) == [f"{section}.{message}"]


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"ouput": {"directory": "x"}}, "ouput: unknown section; did you mean output?"),
        ({"request": "x"}, "request: belongs in [prompt]"),
        ({"limits": 3}, "limits: must be a table: [limits]"),
        ({"record": {}}, 'record: needs a prompt, like prompt = "Genre: {{ genre }}", or messages'),
        ({"record": {"chosen": "x"}}, 'record: needs a prompt, like prompt = "Genre: {{ genre }}", or messages'),
        (
            {"output": {}},
            'output.directory: is missing: where should everything be kept? For example directory = "runs/mine"',
        ),
        (
            {"prompt": {}},
            'prompt.request: is missing: what should be asked? For example request = "A {{ genre }} story."',
        ),
        ({"prompt": {"reqest": "x"}}, "prompt.reqest: unknown option; did you mean request?"),
        # What was right before [record] was there is one mistake, not two.
        (
            {"prompt": {"request": "x", "record": "y"}, "record": {}},
            "prompt.record: is now record.prompt, in a section [record]",
        ),
    ],
)
def test_a_mistake_of_a_whole_section_is_told(sections: dict[str, Any], message: str) -> None:
    assert messages(tree() | sections) == [message]


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_name_that_templates_take_for_something_else_is_no_axis(name: str) -> None:
    assert messages(tree(axes={name: ["a"]})) == [
        f"axes.{name}: has a meaning of its own in templates; choose another name"
    ]


def test_true_one_and_one_point_zero_are_no_duplicates() -> None:
    assert messages(tree(axes={"genre": [True, 1, 1.0, "1", {"v": 1}, {"v": True}, {"v": 1.0}, {"v": "1"}]})) == []
    assert len(messages(tree(axes={"genre": [{"v": 1, "w": 2}, {"w": 2, "v": 1}]}))) == 1


@pytest.mark.parametrize("kind", ["strings", "tables", "duplicates", "wrong"])
def test_a_check_takes_linear_time(kind: str) -> None:
    """A quadratic check of these takes a minute."""
    values: list[Any] = [f"value {number}" for number in range(40_000)]
    if kind == "tables":
        values = [{"name": value, "number": number} for number, value in enumerate(values)]
    if kind == "duplicates":
        values = values[:20_000] * 2
    if kind == "wrong":
        values = [[value] for value in values]
    parsed = tree(axes={"genre": values}, combinations={"exclude": [{"genre": value} for value in values]})
    began = time.process_time()
    told = messages(parsed)

    assert time.process_time() - began < 10
    assert len(told) == {"strings": 0, "tables": 0, "duplicates": 11, "wrong": 11}[kind]


def test_a_multitude_of_mistakes_is_counted() -> None:
    assert messages(tree(axes={"genre": [[]] * 5000}))[-1] == "axes.genre: and 4,990 more mistakes in it"


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abcdefghijklmnopqrstuvwx",
        "gsk_a1B2c3D4e5F6g7H8i9J0k1L2m3N4",
        "0123456789abcdef0123456789abcdef",
        "a0123456789abcdef0123456789abcdef",
        "AKIAIOSFODNN7EXAMPLE",
        "hf_AbCdEfGhIjKlMnOpQrStUvWxYz123456",
        "two words",
        "",
    ],
)
def test_a_pasted_key_is_not_shown(key: str) -> None:
    (message,) = messages(tree(endpoint={"api_key_env": key}))

    assert message == (
        "endpoint.api_key_env: is not the name of a variable; keep the key itself in that variable, not in the config"
    )


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "MY_KEY_2", "openai_api_key_for_project2", "_x", "KEY"])
def test_a_name_of_a_variable_is_one(name: str) -> None:
    assert messages(tree(endpoint={"api_key_env": name})) == []


@pytest.mark.parametrize("value", ["x" * 10_000, ["x" * 10_000], "\x1b[31mred", {"a": "b" * 1000}])
def test_what_is_shown_of_a_wrong_value_is_one_short_line(value: object) -> None:
    (message,) = messages(tree(limits={"max_attempts": value}))

    assert len(message) < 150
    assert "\x1b" not in message


def test_integers_beyond_64_bits_are_values_and_seeds() -> None:
    config = check(tree(axes={"genre": [2**70, 5]}, combinations={"seed": -(2**100)}), "config.toml").config()

    assert config.axes["genre"] == (2**70, 5)
    assert config.combinations.seed == -(2**100)


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
    assert messages(tree() | {"axes": {}}) == ['axes: at least one axis is needed, like genre = ["horror", "mystery"]']


def test_config_raises_all_problems_at_once() -> None:
    checked = check(tree(limits={"max_attempt": 1}), "my.toml")
    with pytest.raises(ConfigError, match=r"my.toml: 1 mistake\n  limits.max_attempt: unknown option") as caught:
        checked.config()
    assert caught.value.exit_status == 2
