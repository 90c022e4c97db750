"""Which samples can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from itertools import product
from typing import Any

from asyncsynth.outputs.survey.choosing import Choosing, spread


def lines(repeats: int) -> Iterator[dict[str, Any]]:
    for number, (repeat, genre, mood) in enumerate(product(range(repeats), "abcd", "xyz")):
        key = sha256(str(number).encode()).hexdigest()[:32]
        yield {"key": key, "combination": {"genre": genre, "mood": mood}, "repeat": repeat}


def test_a_small_set_is_chosen_whole_failures_first() -> None:
    choosing = Choosing(100)
    every = list(lines(3))
    for at, line in enumerate(every):
        choosing.failure(line) if at < 5 else choosing.record(line, "", doubtful=at < 9)
    failures, doubtful, others = choosing.chosen()
    assert (len(failures), len(doubtful), len(others)) == (5, 4, 27)
    assert sorted(line["key"] for line in (*failures, *doubtful, *others)) == sorted(line["key"] for line in every)


def test_of_a_large_set_a_quarter_each_are_failures_and_doubtful() -> None:
    choosing = Choosing(40)
    for at, line in enumerate(lines(50)):
        choosing.failure(line) if at % 4 == 0 else choosing.record(line, "", doubtful=at % 4 == 1)
    failures, doubtful, others = choosing.chosen()
    assert (len(failures), len(doubtful), len(others)) == (10, 10, 20)


def test_the_same_set_in_another_order_shows_the_same_samples() -> None:
    chosen = []
    for every in (list(lines(50)), list(lines(50))[::-1]):
        choosing = Choosing(40)
        for line in every:
            choosing.record(line, "", doubtful=False)
        chosen.append({line["key"] for line in choosing.chosen()[2]})
    assert chosen[0] == chosen[1]


def test_as_many_answers_are_compared_however_few_samples_are_read() -> None:
    choosing = Choosing(2)
    for line in lines(200):
        choosing.record(line, f"text of {line['key']}", doubtful=False)
    answers = choosing.answers()
    assert len(set(answers)) == 2000
    assert all(text == f"text of {key}" for key, text in answers)


def test_the_first_samples_have_every_value_of_every_axis() -> None:
    every = sorted(lines(50), key=lambda line: line["key"])
    first = spread(every)[:12]
    assert Counter(line["combination"]["genre"] for line in first).keys() == set("abcd")
    assert max(Counter(line["combination"]["mood"] for line in first).values()) <= 5
    assert len({line["key"] for line in spread(every)}) == len(every)
