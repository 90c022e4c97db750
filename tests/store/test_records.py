from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asyncsynth.store.encoding import decode
from asyncsynth.store.records import facts_of, facts_of_line, record_line
from asyncsynth.values import Made, Usage


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cost=st.none() | st.integers(0, 10**15), generation=st.integers(0, 5), text=st.text())
def test_facts_survive_the_line_exactly(
    made: Callable[..., Made], cost: int | None, generation: int, text: str
) -> None:
    """Money too: up to 1,000 USD a record the float of cost_usd gives every picodollar back."""
    line, facts = record_line(made(1, generation=generation, text=text, cost=cost), run=3)
    assert facts_of_line(line) == facts
    assert (facts.cost, facts.generation, facts.run) == (cost, generation, 3)


def test_estimates_and_mended_answers_say_so(made: Callable[..., Made]) -> None:
    sample = made(1)
    answer = sample.answer._replace(usage=Usage(1, 2, "estimate"), flags=("lone_surrogate",))
    line, _ = record_line(sample._replace(answer=answer), run=1)
    record = decode(line)
    assert record is not None
    assert record["usage"] == {"prompt_tokens": 1, "completion_tokens": 2, "source": "estimate"}
    assert record["flags"] == ["lone_surrogate"]


@pytest.mark.parametrize(
    "change",
    [{"key": "abc"}, {"key": "z" * 32}, {"key": 5}, {"completion": None}, {"usage": {}}, {"usage": None},
     {"cost_usd": "free"}, {"cost_usd": float("nan")}, {"generation": []}],
)  # fmt: skip
def test_an_object_without_the_needed_fields_is_no_record(made: Callable[..., Made], change: dict[str, Any]) -> None:
    record = decode(record_line(made(1), run=1)[0])
    assert record is not None
    assert facts_of(record) is not None
    assert facts_of({**record, **change}) is None
    for name in change:
        del record[name]
    assert (facts_of(record) is None) == (change.keys() <= {"key", "completion", "usage", "cost_usd"})
