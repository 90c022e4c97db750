"""The rules of trainers; that they are theirs is tested with the trainers themselves."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.outputs import rows
from asyncsynth.outputs.checks import TRAINERS, Check
from tests.outputs.records import dialogue, pair, preference

MANY = {"train": 90, "valid": 10}


def check(trainer: str, form: str, *those: dict[str, Any], examples: dict[str, int] | None = None) -> None:
    checking = Check(trainer, form)
    for number, row in enumerate(those):
        checking.see(row, f"key{number}")
    checking.finish(examples or MANY)


@pytest.mark.parametrize(
    ("trainer", "form", "row"),
    [
        ("trl", "completions", rows.completions(pair())),
        ("trl", "preference", rows.preference(preference())),
        ("llama-factory", "chat", rows.dialogue(dialogue("system: s", "user: a", "assistant: b"))),
        ("llama-factory", "alpaca", rows.alpaca(pair())),
        ("together", "chat", rows.chat(pair())),
        ("together", "preference-openai", rows.preference_openai(preference())),
        ("openai", "chat", rows.dialogue(dialogue("developer: d", "user: a", "assistant: b"))),
        ("mlx", "mlx", rows.completions(pair())),
        ("datasets", "parquet", rows.whole(pair())),
    ],
)
def test_what_a_trainer_takes_passes(trainer: str, form: str, row: dict[str, Any]) -> None:
    check(trainer, form, row, row)


@pytest.mark.parametrize(
    ("trainer", "turns", "message"),
    [
        ("llama-factory", ("user: a", "user: b", "assistant: c"), "user and assistant don't take turns"),
        ("llama-factory", ("user: a", "assistant: b", "user: c"), "user and assistant don't take turns"),
        ("together", ("developer: d", "user: a", "assistant: b"), "the role developer"),
        ("together", ("user: a", "user: b", "assistant: c"), "two turns of the same role one after the other"),
        ("openai", ("user: a", "assistant: b", "user: c"), "the last turn is not the assistant's"),
    ],
)
def test_a_dialogue_that_a_trainer_does_not_take_is_told_with_its_keys(
    trainer: str, turns: tuple[str, ...], message: str
) -> None:
    fine, wrong = rows.dialogue(dialogue()), rows.dialogue(dialogue(*turns))
    with pytest.raises(UsageError, match=f"{message}: 4 of 100 examples, such as key1, key2, key3") as refused:
        check(trainer, "chat", fine, *[wrong] * 4)
    assert refused.value.message.startswith(f"{trainer} would not take all of this:")


@pytest.mark.parametrize(
    ("trainer", "form", "examples", "message"),
    [
        ("openai", "chat", {"train": 9, "test": 100}, "at least 10 examples, not 9"),
        ("mlx", "mlx", {"train": 9}, "valid.jsonl would have no example"),
        ("mlx", "mlx", {"valid": 9}, "train.jsonl would have no example"),
    ],
)
def test_a_set_that_a_trainer_does_not_take_is_told(
    trainer: str, form: str, examples: dict[str, int], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        check(trainer, form, rows.chat(pair()), examples=examples)


def test_columns_that_change_are_told() -> None:
    with pytest.raises(UsageError, match="other columns or types"):
        check("datasets", "parquet", {"a": 1, "b": []}, {"a": None, "b": ["x"]}, {"a": "x", "b": []})
    check("datasets", "parquet", {"a": 1, "b": {"c": "x"}}, {"a": 2, "b": {"c": None}})
    check("datasets", "parquet", {"a": None, "b": []}, {"a": 1.5, "b": ["x"]})
    with pytest.raises(UsageError, match="other columns or types"):
        check("datasets", "parquet", {"a": None}, {"a": 1.5}, {"a": "x"})


@pytest.mark.parametrize("trainer", TRAINERS)
def test_a_format_that_a_trainer_does_not_load_is_refused_before_anything_is_read(trainer: str) -> None:
    with pytest.raises(UsageError, match=f"{trainer} does not load --format folders"):
        Check(trainer, "folders")


def test_an_unknown_trainer_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean llama-factory"):
        Check("llamafactory", "chat")
