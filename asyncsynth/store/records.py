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
from asyncsynth.values import Finished, Paid, Row, StepAnswer

# Where what is told is taken apart: in no string of JSON is a bare quote.
_USAGE, _CREATED, _FLAGS = b',"usage":', b',"created":', b',"flags":'


def record_line(row: Row, answer: StoredAnswer) -> bytes:
    """The record that a sample's row and its answer make."""
    head = encode({"key": answer.key, "combination": row.combination, "repeat": row.repeat, **row.fields})
    return b"".join((head[:-2], b",", answer.told, b"}\n"))


def steps_record_line(end: Finished) -> bytes:
    """The record that a sample's row and the answers of its steps make."""
    if len(end.answers) == 1:
        return record_line(end.row, answer_of_steps(end))
    return b"%b,%b}\n" % (record_line(end.row, _all_together(end))[:-2], steps_told(end.answers))


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
    main, paid = end.answers[end.main], [each.paid or paid_of(each.told) for each in end.answers]
    told = main.told
    before, behind = told[: told.index(_USAGE)], told[told.index(_CREATED) : told.rindex(_FLAGS)]
    sums, flags = encode(_sums(paid))[1:-2], _flags(paid, end.answers)
    return StoredAnswer(main.key, main.text, b"%b,%b%b%b" % (before, sums, behind, flags))


def _sums(paid: Sequence[Paid]) -> dict[str, Any]:
    """Of all calls; tokens are estimated where some of them are, and what they cost is unknown where it is of one."""
    prompt_tokens = completion_tokens = cached_tokens = reasoning_tokens = attempts = 0
    source, cost, latency_s = paid[0].usage.source, 0, 0.0
    for each in paid:
        usage = each.usage
        prompt_tokens += usage.prompt_tokens
        completion_tokens += usage.completion_tokens
        cached_tokens += usage.cached_tokens
        reasoning_tokens += usage.reasoning_tokens
        if usage.source != source:
            source = "estimate"
        attempts += each.attempts
        latency_s += each.latency_s
        cost += each.cost or 0
    is_known = all(each.cost is not None for each in paid)
    return {
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "cached_tokens": cached_tokens,
            "reasoning_tokens": reasoning_tokens,
            "source": source,
        },
        "cost_usd": usd(cost) if is_known else None,
        "attempts": attempts,
        "latency_s": int(latency_s * 1000 + 0.5) / 1000,
    }


def _flags(paid: Sequence[Paid], answers: Sequence[StepAnswer]) -> bytes:
    """Those of the answers as they came, and those that came from looking at them."""
    found = dict[str, None]()
    for each, answer in zip(paid, answers, strict=True):
        if each.flags or answer.flags:
            found |= dict.fromkeys((*each.flags, *answer.flags))
    return _flags_told(found)


def _flags_told(flags: Iterable[str]) -> bytes:
    return b",%b" % encode({"flags": list(flags)})[1:-2]


def _of_step(answer: StepAnswer) -> bytes:
    """What an answer tells in the record of its sample; where nothing is added, as its line has it."""
    head = encode({answer.step: {"key": answer.key, "take": answer.take, "text": answer.text, **answer.shown}})[1:-3]
    told = answer.told
    if answer.flags:
        paid = answer.paid or paid_of(told)
        told = told[: told.rindex(_FLAGS)] + _flags_told((*paid.flags, *answer.flags))
    return b"%b,%b}" % (head, told)
