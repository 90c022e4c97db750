"""A line of records.jsonl: one training example of the present recipe, and the facts of the answer behind it.

{"key", "combination", "repeat", <the fields of [record]>, "model", "finish_reason", "usage", "cost_usd", "attempts",
 "latency_s", "created", "generation", "run", "flags"}; every line has every field, null where it is unknown.

Of several steps: "steps" as well, an object with what each of them tells, and its text; then usage, cost_usd, attempts
and latency_s are those of all steps together, and the other facts those of the main one.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    steps = b",".join(map(_of_step, end.answers))
    return b'%b,"steps":{%b}}\n' % (record_line(end.row, _all_together(end))[:-2], steps)


def answer_of_steps(end: Finished) -> StoredAnswer:
    """What the record tells of its answers."""
    main = end.answers[end.main]
    if len(end.answers) == 1 and not main.flags:
        return StoredAnswer(main.key, main.text, main.told)
    return _all_together(end)


def _all_together(end: Finished) -> StoredAnswer:
    told = _told(end.answers)
    main, facts = end.answers[end.main], told[end.main]
    cost: float | None = 0.0
    attempts, latency_s, flags = 0, 0.0, dict[str, None]()
    for each in told:
        of_it = each["cost_usd"]
        cost = None if cost is None or of_it is None else cost + of_it
        attempts += each["attempts"]
        latency_s += each["latency_s"]
        if each["flags"]:
            flags |= dict.fromkeys(each["flags"])
    facts["usage"] = _together([each["usage"] for each in told])
    facts["cost_usd"], facts["attempts"], facts["latency_s"] = cost, attempts, round(latency_s, 3)
    facts["flags"] = list(flags)
    return StoredAnswer(main.key, main.text, encode(facts)[1:-2])


def _told(answers: Sequence[StepAnswer]) -> list[dict[str, Any]]:
    """What their lines tell, and the flags that came from looking at them; parsed as one, which is quicker."""
    parsed = decode(b'{"told":[{%b}]}' % b"},{".join([each.told for each in answers])) or {}
    told: list[dict[str, Any]] = parsed["told"]
    for each, answer in zip(told, answers, strict=True):
        if answer.flags:
            each["flags"] += answer.flags
    return told


def _of_step(answer: StepAnswer) -> bytes:
    """What an answer tells in the record of its sample; where nothing is added, as its line has it."""
    head: dict[str, Any] = {"key": answer.key, "take": answer.take, "text": answer.text}
    if answer.flags or answer.shown:
        return encode({answer.step: {**head, **answer.shown, **_told([answer])[0]}})[1:-2]
    return b"%b,%b}" % (encode({answer.step: head})[1:-3], answer.told)


def _together(usages: list[dict[str, Any]]) -> dict[str, Any]:
    """The tokens of all calls; estimated where one of them is."""
    sums = dict(usages[0])
    source = sums.pop("source")
    for usage in usages[1:]:
        for name in sums:
            sums[name] += usage[name]
        if usage["source"] != source:
            source = "estimate"
    return {**sums, "source": source}
