"""A file that is no TOML is told so that a person finds the place."""

from __future__ import annotations

import tomllib

import pytest

from asyncsynth.config.mistakes import toml_problem


def told(text: str) -> str:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    return str(toml_problem(text, caught.value))


@pytest.mark.parametrize(
    ("text", "line", "quote"),
    [
        ("[axes]\ngenre = [“horror”]", 2, "“"),
        ("[axes]\ngenre = [\u2018horror\u2019]", 2, "\u2018"),
        ('[axes]\ngenre = ["horror”]\n', 2, "”"),
        ("[axes]\ngenre = «horror»", 2, "«"),
        ("a = „x“", 1, "„"),
        ('[prompt]\nrequest = """ask\nfor it”””\n', 3, "”"),
        ('[prompt]\nrequest = ”””ask"""\n', 2, "”"),
    ],
)
def test_typographic_quotes_are_named_with_their_line(text: str, line: int, quote: str) -> None:
    assert told(text).startswith(f"TOML: line {line}: {quote} is a typographic quotation mark")


@pytest.mark.parametrize(
    "text", ['genre = ["“a”", b]', "genre = ['“a”', b]", "genre = [b] # “a”", "[axes\n# “x”", 'a = "x" ; # “x”']
)
def test_typographic_quotes_in_their_place_are_not_blamed(text: str) -> None:
    assert "typographic" not in told(text)
    assert "line 1" in told(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[axes]\n[axes]\n", "TOML: [axes] appears twice (at line 2, column 6)"),
        ("[steps.a]\n[steps.a]\n", "TOML: [steps.a] appears twice (at line 2, column 9)"),
        ("a = 1\na = 2\n", "TOML: a name appears twice (at line 2, column 6)"),
    ],
)
def test_what_is_there_twice_is_called_so(text: str, message: str) -> None:
    assert told(text) == message
