"""The table of formats: what a row of each looks like, and which records it has no place for."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.outputs.examples import Kind
from asyncsynth.outputs.formats import FORMATS, format_named, row_maker
from tests.outputs.records import AXES, dialogue, pair, preference

RECORDS = {Kind.PAIR: pair("Plot:", "A house."), Kind.DIALOGUE: dialogue(), Kind.PREFERENCE: preference("Plot:")}
KEY = RECORDS[Kind.PAIR]["key"]
QUESTION = {"role": "user", "content": "A plot."}
MESSAGES = [{"role": "user", "content": "Plot:"}, {"role": "assistant", "content": "A house."}]


def human(text: str) -> dict[str, str]:
    return {"from": "human", "value": text}


def gpt(text: str) -> dict[str, str]:
    return {"from": "gpt", "value": text}


@pytest.mark.parametrize(
    ("name", "kind", "row"),
    [
        ("completions", Kind.PAIR, {"prompt": "Plot:", "completion": "A house."}),
        ("chat", Kind.PAIR, {"messages": MESSAGES}),
        ("chat", Kind.DIALOGUE, {"messages": [QUESTION, MESSAGES[1]]}),
        ("sharegpt", Kind.PAIR, {"conversations": [human("Plot:"), gpt("A house.")]}),
        ("sharegpt", Kind.DIALOGUE, {"conversations": [human("A plot."), gpt("A house.")]}),
        ("alpaca", Kind.PAIR, {"instruction": "Plot:", "input": "", "output": "A house."}),
        ("preference", Kind.PREFERENCE, {"prompt": "Plot:", "chosen": "A house.", "rejected": "No."}),
        (
            "preference-openai",
            Kind.PREFERENCE,
            {
                "input": {"messages": [{"role": "user", "content": "Plot:"}]},
                "preferred_output": [{"role": "assistant", "content": "A house."}],
                "non_preferred_output": [{"role": "assistant", "content": "No."}],
            },
        ),
        ("mlx", Kind.PAIR, {"prompt": "Plot:", "completion": "A house."}),
        ("mlx", Kind.DIALOGUE, {"messages": [QUESTION, MESSAGES[1]]}),
        ("parquet", Kind.PAIR, RECORDS[Kind.PAIR]),
        (
            "hub",
            Kind.PAIR,
            {"prompt": "Plot:", "completion": "A house.", "combination": AXES, "model": "m", "key": KEY},
        ),
        ("hub", Kind.DIALOGUE, {"messages": [QUESTION, MESSAGES[1]], "combination": AXES, "model": "m", "key": KEY}),
        (
            "folders",
            Kind.PAIR,
            {"key": KEY, "combination": AXES, "texts": {"prompts": "Plot:", "completions": "A house."}},
        ),
    ],
)
def test_a_row_has_what_its_trainers_want_and_nothing_else(name: str, kind: Kind, row: dict[str, Any]) -> None:
    assert row_maker(name, kind)(RECORDS[kind]) == row


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", Kind)
def test_a_format_takes_a_kind_or_says_which_others_do(name: str, kind: Kind) -> None:
    if kind in FORMATS[name].rows:
        assert row_maker(name, kind)(RECORDS[kind])
        return
    with pytest.raises(UsageError, match=f"--format {name} has no place for records that have {kind}") as refused:
        row_maker(name, kind)
    assert "formats that take them: " in refused.value.hint


def test_records_that_are_no_examples_are_told_what_they_lack() -> None:
    with pytest.raises(UsageError, match="each needs a prompt") as refused:
        row_maker("chat", None)
    assert "record.prompt" in refused.value.hint


def test_an_unknown_format_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean completions"):
        format_named("completion")
