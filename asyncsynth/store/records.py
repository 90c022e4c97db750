"""A line of records.jsonl: one training example of the present recipe, and the facts of the answer behind it.

{"key", "combination", "repeat", <the fields of [record]>, "model", "finish_reason", "usage", "cost_usd", "attempts",
 "latency_s", "created", "generation", "run", "flags"}; every line has every field, null where it is unknown.

Of several steps: "steps" as well, an object with what each of them tells, and its text; then usage, cost_usd, attempts
and latency_s are those of all steps together, and the other facts those of the main one.
"""

from __future__ import annotations

from typing import Any

from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.encoding import decode, encode
from asyncsynth.values import Finished, Row, StepAnswer


def record_line(row: Row, answer: StoredAnswer) -> bytes:
    """The record that a sample's row and its answer make."""
    head = encode({"key": answer.key, "combination": row.combination, "repeat": row.repeat, **row.fields})
    return b"".join((head[:-2], b",", answer.told, b"}\n"))


def steps_record_line(end: Finished) -> bytes:
    """The record that a sample's row and the answers of its steps make."""
    if len(end.answers) == 1:
        return record_line(end.row, answer_of_steps(end))
    told = list(map(_told, end.answers))
    steps = encode({each.step: _of_step(each, of_it) for each, of_it in zip(end.answers, told, strict=True)})
    return b'%b,"steps":%b}\n' % (record_line(end.row, _all_together(end, told))[:-2], steps[:-1])


def answer_of_steps(end: Finished) -> StoredAnswer:
    """What the record tells of its answers."""
    main = end.answers[end.main]
    if len(end.answers) == 1 and not main.flags:
        return StoredAnswer(main.key, main.text, main.told)
    return _all_together(end, list(map(_told, end.answers)))


def _all_together(end: Finished, told: list[dict[str, Any]]) -> StoredAnswer:
    main = end.answers[end.main]
    costs = [each["cost_usd"] for each in told]
    together = {
        **told[end.main],
        "usage": _together([each["usage"] for each in told]),
        "cost_usd": None if None in costs else sum(costs),
        "attempts": sum(each["attempts"] for each in told),
        "latency_s": round(sum(each["latency_s"] for each in told), 3),
        "flags": list(dict.fromkeys(flag for each in told for flag in each["flags"])),
    }
    return StoredAnswer(main.key, main.text, encode(together)[1:-2])


def _told(answer: StepAnswer) -> dict[str, Any]:
    told = decode(b"{%b}" % answer.told) or {}
    return {**told, "flags": [*told["flags"], *answer.flags]} if answer.flags else told


def _of_step(answer: StepAnswer, told: dict[str, Any]) -> dict[str, Any]:
    return {"key": answer.key, "take": answer.take, "text": answer.text, **answer.shown, **told}


def _together(usages: list[dict[str, Any]]) -> dict[str, Any]:
    """The tokens of all calls; estimated where one of them is."""
    sums = {name: sum(usage[name] for usage in usages) for name in usages[0] if name != "source"}
    source = "estimate" if any(usage["source"] == "estimate" for usage in usages) else "endpoint"
    return {**sums, "source": source}
