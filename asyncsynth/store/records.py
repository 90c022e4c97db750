"""A line of records.jsonl: one training example of the present recipe, and the facts of the answer behind it.

{"key", "combination", "repeat", <the fields of [record]>, "model", "finish_reason", "usage", "cost_usd", "attempts",
 "latency_s", "created", "generation", "run", "flags"}; every line has every field, null where it is unknown.

Of several steps: "steps" as well, an object with what each of them tells, and its text; then usage, cost_usd, attempts
and latency_s are those of all steps together, flags those of all, and the other facts those of the main one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from asyncsynth.costs import usd
from asyncsynth.store.answers import StoredAnswer, paid_of
from asyncsynth.store.encoding import encode
from asyncsynth.values import Finished, Row, StepAnswer

# Where what is told is taken apart: in no string of JSON is a bare quote.
_USAGE, _CREATED, _FLAGS = b',"usage":', b',"created":', b',"flags":'


def record_line(row: Row, answer: StoredAnswer, steps: bytes = b"") -> bytes:
    """The record that a sample's row and its answer make; `steps` are members behind what is told."""
    head = encode({"key": answer.key, "combination": row.combination, "repeat": row.repeat, **row.fields})
    return b"".join((head[:-2], b",", answer.told, steps, b"}\n"))


def steps_record_line(end: Finished) -> bytes:
    """The record that a sample's row and the answers of its steps make."""
    if len(end.answers) == 1:
        return record_line(end.row, answer_of_steps(end))
    return record_line(end.row, _all_together(end), b"," + steps_told(end.answers))


def steps_told(answers: Iterable[StepAnswer]) -> bytes:
    """The member that tells of the answers of several steps."""
    return b'"steps":{%b}' % b",".join(map(_of_step, answers))


def answer_of_steps(end: Finished) -> StoredAnswer:
    """What the record tells of its answers."""
    main = end.answers[end.main]
    if len(end.answers) == 1 and not main.flags:
        return StoredAnswer(main.key, main.text, main.told)
    return _all_together(end)


def _all_together(end: Finished) -> StoredAnswer:
    """The main answer, whose sums and flags are those of all."""
    main, told = end.answers[end.main], encode(_sums_and_flags(end.answers))
    flags, of_main = told.rindex(_FLAGS), main.told
    before, behind = of_main[: of_main.index(_USAGE)], of_main[of_main.index(_CREATED) : of_main.rindex(_FLAGS)]
    return StoredAnswer(main.key, main.text, b"".join((before, b",", told[1:flags], behind, told[flags:-2])))


def _sums_and_flags(answers: Sequence[StepAnswer]) -> dict[str, Any]:
    """Of all calls; tokens are estimated where some of them are, and what they cost is unknown where it is of one.

    The flags are those of the answers as they came, and those that came from looking at them.
    """
    prompt_tokens = completion_tokens = cached_tokens = reasoning_tokens = attempts = 0
    cost: int | None = 0
    flags: list[str] = []
    source, latency_s = "endpoint", 0.0
    for answer in answers:
        paid = answer.paid or paid_of(answer.told)
        usage = paid.usage
        prompt_tokens += usage.prompt_tokens
        completion_tokens += usage.completion_tokens
        cached_tokens += usage.cached_tokens
        reasoning_tokens += usage.reasoning_tokens
        if usage.source == "estimate":
            source = "estimate"
        cost = None if cost is None or paid.cost is None else cost + paid.cost
        attempts += paid.attempts
        latency_s += paid.latency_s
        if paid.flags or answer.flags:
            flags += (*paid.flags, *answer.flags)
    return {
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "cached_tokens": cached_tokens,
            "reasoning_tokens": reasoning_tokens,
            "source": source,
        },
        "cost_usd": None if cost is None else usd(cost),
        "attempts": attempts,
        "latency_s": int(latency_s * 1000 + 0.5) / 1000,
        "flags": [*dict.fromkeys(flags)],
    }


def _of_step(answer: StepAnswer) -> bytes:
    """What an answer tells in the record of its sample; where nothing is added, as its line has it."""
    told, looks = answer.told, {"key": answer.key, "take": answer.take, "text": answer.text}
    if answer.shown:
        looks |= answer.shown
    if answer.flags:
        flags = encode({"flags": (*(answer.paid or paid_of(told)).flags, *answer.flags)})
        told = b"%b,%b" % (told[: told.rindex(_FLAGS)], flags[1:-2])
    return b"".join((encode({answer.step: looks})[1:-3], b",", told, b"}"))
