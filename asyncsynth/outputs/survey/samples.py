"""A sample as the page shows it, made of a line of records.jsonl or failures.jsonl."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from asyncsynth.config.record import ANSWER_FACTS, FACT_NAMES
from asyncsynth.outputs.examples import ANSWERS, Kind, kind_of

_OF_A_FAILURE = ("step", "reason", "message", "attempts", "status", "created")
_LONGEST = 20_000  # characters of a text that are shown; a page of 2,000 must open


class Asked(NamedTuple):
    """What was sent for an answer; None where it is not known."""

    request: str | None = None
    system: str | None = None


AskedBySteps = Mapping[str, Asked]
UNKNOWN: AskedBySteps = {}


def answer_in(record: Mapping[str, Any]) -> str:
    """What a model learns to say from a record: the completion, the chosen answer, or what the assistant says."""
    kind = kind_of(record)
    if kind is Kind.DIALOGUE:
        return "\n".join(str(turn["content"]) for turn in record["messages"] if turn["role"] == "assistant")
    name = "completion" if kind is None else ANSWERS[kind][0]
    return str(record.get(name) or "")


def sample_of_record(
    record: Mapping[str, Any], doubts: Iterable[str] = (), asked: AskedBySteps = UNKNOWN
) -> dict[str, Any]:
    """{"kind": "record", "key", "combination", "repeat", "request", "system", "fields", "steps", "doubts", "facts"}.

    Of several steps, each has its own "request" and "system".
    """
    return {
        "kind": "record",
        **_head(record, asked),
        "fields": [[name, _cut(value)] for name, value in record.items() if name not in FACT_NAMES],
        "steps": _steps(record, asked),
        "doubts": list(doubts),
        "facts": {name: record.get(name) for name in ANSWER_FACTS},
    }


def sample_of_failure(failure: Mapping[str, Any], asked: AskedBySteps = UNKNOWN) -> dict[str, Any]:
    """{"kind": "failure", ..., "step", "reason", "message", "attempts", "status", "created"}; the rest as of a record.

    Its only field is the answer that was of no use, where one was kept.
    """
    answer = failure.get("answer")
    name = "answer" if failure.get("step") is None else "rejected answer"
    return {
        "kind": "failure",
        **_head(failure, asked),
        "fields": [] if answer is None else [[name, _cut(answer)]],
        "steps": _steps(failure, asked),
        "doubts": [],
        "facts": {},
        **{name: _cut(failure.get(name)) for name in _OF_A_FAILURE},
    }


def _steps(line: Mapping[str, Any], asked: AskedBySteps) -> list[dict[str, Any]]:
    return [
        {"name": name, **_cut({**asked.get(name, Asked())._asdict(), **(told or {})})}
        for name, told in (line.get("steps") or {}).items()
    ]


def _head(line: Mapping[str, Any], asked: AskedBySteps) -> dict[str, Any]:
    """A line that tells of no steps is about one answer."""
    request, system = Asked() if line.get("steps") else next(iter(asked.values()), Asked())
    return {
        "key": line["key"],
        "combination": line["combination"],
        "repeat": line["repeat"],
        "request": _cut(request),
        "system": _cut(system),
    }


def _cut(value: Any) -> Any:
    """The same, in which no text is longer than the page can take."""
    if isinstance(value, str):
        more = len(value) - _LONGEST
        return value if more <= 0 else f"{value[:_LONGEST]}\n[{more:,} more characters in answers.jsonl]"
    if isinstance(value, Mapping):
        return {name: _cut(each) for name, each in value.items()}
    return [_cut(each) for each in value] if isinstance(value, list | tuple) else value
