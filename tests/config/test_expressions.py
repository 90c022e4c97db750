"""Expressions can't hang, know all alphabets, and say what is wrong with them."""

from __future__ import annotations

import time

import pytest

from asyncsynth.config.expressions import FEW, finder, finder_of_any

WRONG = [
    ("(", 'is not a regular expression: unclosed group at "("'),
    ("fine[z-a]", 'is not a regular expression: invalid character class range, the start must be <= the end at "z-a]"'),
    (r"END\Z", r"the end of a text is \z here, not \Z"),
    ("(?!no)", "(?!...), (?=...) and (?<...) are not supported: every expression must run in linear time"),
    (r"(a)\1", r"\1 is not supported: every expression must run in linear time"),
    ("a{9999}{9999}", "is too large"),
]


@pytest.mark.parametrize(("expression", "told"), WRONG)
def test_a_wrong_expression_says_what_is_wrong(expression: str, told: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        finder(expression)
    assert str(raised.value) == told


def test_letters_and_boundaries_are_those_of_all_alphabets() -> None:
    assert finder(r"(?i)\bкак ии\b")("Он сказал: КАК ИИ.")
    assert not finder(r"\bart\b")("Téart")


@pytest.mark.parametrize("expression", ["(a+)+$", "(a|aa)+$", "a*a*a*a*a*a*b", r"(\w+\s*)+!"])
def test_what_hangs_elsewhere_takes_no_time(expression: str) -> None:
    found, text = finder(expression), "a" * 100_000 + "?"
    began = time.process_time()
    assert not found(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("expressions", [["one", "t(w)o"], ["(?i)ONE", "two"], ["(?x) one # a comment", "two"]])
@pytest.mark.parametrize("others", [0, FEW])
def test_several_are_found_as_each_of_them_is(expressions: list[str], others: int) -> None:
    found = finder_of_any([*(f"nothing {number}" for number in range(others)), *expressions])
    assert [found(text) for text in ("one", "two", "TWO", "three")] == [True, True, False, False]
