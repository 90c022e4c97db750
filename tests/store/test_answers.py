from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from asyncsynth.store.answers import (
    BEGIN,
    KEY_IN_LINE,
    TOLD,
    StoredAnswer,
    answer_of,
    facts_of,
    facts_of_line,
    generation_of,
    parts_of,
    stored,
)
from asyncsynth.store.encoding import decode, encode
from asyncsynth.store.sealed import seal
from asyncsynth.values import Answered, Usage


def read(line: bytes) -> StoredAnswer:
    parts = parts_of(line.removesuffix(b"\n"))
    assert parts is not None
    return answer_of(line[KEY_IN_LINE].decode(), parts)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cost=st.none() | st.integers(0, 10**15), generation=st.integers(0, 5), text=st.text())
def test_facts_survive_the_line_exactly(
    answered: Callable[..., Answered], cost: int | None, generation: int, text: str
) -> None:
    """Money too: up to 1,000 USD an answer the float of cost_usd gives every picodollar back."""
    line, answer, facts = stored(answered(1, generation=generation, text=text, cost=cost, attempts=3), run=3)
    assert facts_of_line(line[:-1]) == facts
    assert read(line) == answer
    assert (facts.cost, facts.generation, facts.run, facts.attempts) == (cost, generation, 3, 3)


# What a line is taken apart by, in whatever a model can write.
NAMES = [
    ',"text":',
    ',"reasoning":',
    ',"reasoning":null',
    ',"model":',
    ',"generation":7,',
    ',"crc":"0"}',
    '"',
    "\\",
    "\n",
]
written = st.lists(st.sampled_from(NAMES) | st.text(max_size=3)).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=written, reasoning=st.none() | written, model=written, flag=written, generation=st.integers(0, 12))
def test_a_line_is_taken_apart_as_if_it_were_parsed(
    answered: Callable[..., Answered], text: str, reasoning: str | None, model: str, flag: str, generation: int
) -> None:
    plain = answered(1, generation=generation, text=text)
    answer = replace(plain.answer, reasoning=reasoning, model=model, finish_reason=model, flags=(flag,))
    line = stored(replace(plain, answer=answer), run=1)[0][:-1]
    parts, parsed = parts_of(line), json.loads(line)
    assert parts is not None
    assert parts.text == encode({"": text})[4:-2]
    told = json.loads(b"{%b}" % parts.told)
    assert list(told.items()) == [(name, parsed[name]) for name in TOLD]
    assert generation_of(line) == generation


def test_an_answer_has_the_documented_fields_in_their_order(answered: Callable[..., Answered]) -> None:
    line = json.loads(stored(answered(1, cost=140_000_000), run=2)[0])
    assert list(line) == [
        "key", "step", "take", "text", "reasoning", "model", "finish_reason", "usage", "cost_usd", "attempts",
        "latency_s", "created", "generation", "run", "flags", "crc",
    ]  # fmt: skip
    assert (line["step"], line["take"], line["text"], line["cost_usd"]) == ("completion", 0, "an outline", 0.00014)
    assert line["usage"] == {"prompt_tokens": 50, "completion_tokens": 200, "cached_tokens": 0, "reasoning_tokens": 0,
                             "source": "endpoint"}  # fmt: skip
    assert (line["created"], line["run"], line["flags"]) == ("2026-11-18T11:07:31Z", 2, [])


def test_what_the_model_thought_is_kept_beside_its_text_and_in_no_record(answered: Callable[..., Answered]) -> None:
    plain = answered(1)
    line = stored(replace(plain, answer=replace(plain.answer, reasoning="Let me think")), run=1)[0]
    assert json.loads(line)["reasoning"] == "Let me think"
    assert json.loads(stored(plain, run=1)[0])["reasoning"] is None
    assert b"Let me think" not in read(line).told


def test_an_unknown_price_is_null_and_estimates_and_mended_answers_say_so(answered: Callable[..., Answered]) -> None:
    sample = answered(1, cost=None)
    answer = replace(sample.answer, usage=Usage(1, 2, "estimate"), flags=("lone_surrogate",))
    line = json.loads(stored(replace(sample, answer=answer), run=1)[0])
    assert line["cost_usd"] is None
    assert line["usage"] == {"prompt_tokens": 1, "completion_tokens": 2, "cached_tokens": 0, "reasoning_tokens": 0,
                             "source": "estimate"}  # fmt: skip
    assert line["flags"] == ["lone_surrogate"]


def test_a_line_says_its_key_where_it_is_looked_for(
    answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    line, _, _ = stored(answered(1), run=1)
    assert line.startswith(BEGIN)
    assert line[KEY_IN_LINE].decode() == key(1)


@pytest.mark.parametrize(
    "change",
    [{"key": "abc"}, {"key": "z" * 32}, {"key": 5}, {"text": None}, {"usage": {}}, {"usage": None},
     {"cost_usd": "free"}, {"cost_usd": float("nan")}, {"generation": []}, {"model": "m"}],
)  # fmt: skip
def test_an_object_without_the_needed_fields_is_no_answer(
    answered: Callable[..., Answered], change: dict[str, Any]
) -> None:
    line, _, facts = stored(answered(1), run=1)
    answer = decode(line) or {}
    assert facts_of(answer) == facts
    assert facts_of({**answer, **change}) is None or change == {"model": "m"}
    for name in change:
        del answer[name]
    assert facts_of(answer) is None


def test_a_line_that_was_changed_is_no_answer(answered: Callable[..., Answered]) -> None:
    line = stored(answered(1), run=1)[0][:-1]
    assert facts_of_line(line) is not None
    assert facts_of_line(line.replace(b"an outline", b"An outline")) is None
    assert facts_of_line(line.replace(b',"crc"', b' ,"crc"')) is None
    assert parts_of(line) is not None
    assert parts_of(line.replace(b"an outline", b"An outline")) is None


@pytest.mark.parametrize(
    "value", [{"a": 1}, {"text": "t"}, {"model": "m", "text": "t"}, {"a": 1, "text": "t", "model": "m"}]
)
def test_a_sealed_line_of_something_else_is_no_answer(value: dict[str, Any]) -> None:
    assert parts_of(seal(value)[:-1]) is None
