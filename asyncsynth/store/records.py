"""A line of records.jsonl: one training example of the present recipe, and the facts of the answer behind it.

{"key", "combination", "repeat", <the fields of [record]>, "model", "finish_reason", "usage", "cost_usd", "attempts",
 "latency_s", "created", "generation", "run", "flags"}; every line has every field, null where it is unknown.
"""

from __future__ import annotations

from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.encoding import encode
from asyncsynth.values import Row


def record_line(row: Row, answer: StoredAnswer) -> bytes:
    """The record that a sample's row and its answer make."""
    head = encode({"key": answer.key, "combination": row.combination, "repeat": row.repeat, **row.fields})
    return b"".join((head[:-2], b",", answer.told, b"}\n"))
