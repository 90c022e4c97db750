"""A line of records.jsonl: one training example of the present recipe, and the facts of the answer behind it.

{"key", "combination", "repeat", <the fields of [record]>, "model", "finish_reason", "usage", "cost_usd", "attempts",
 "latency_s", "created", "generation", "run", "flags"}; every line has every field, null where it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.store.encoding import encode
from asyncsynth.values import Row

FACTS = (
    "model", "finish_reason", "usage", "cost_usd", "attempts", "latency_s", "created", "generation", "run", "flags",
)  # fmt: skip


def record_line(row: Row, answer: Mapping[str, Any]) -> bytes:
    """The record that a sample's row and its answer (the object of its line in answers.jsonl) make."""
    return encode(
        {
            "key": answer["key"],
            "combination": row.combination,
            "repeat": row.repeat,
            **row.fields,
            "model": answer["model"],
            "finish_reason": answer["finish_reason"],
            "usage": answer["usage"],
            "cost_usd": answer["cost_usd"],
            "attempts": answer["attempts"],
            "latency_s": answer["latency_s"],
            "created": answer["created"],
            "generation": answer["generation"],
            "run": answer["run"],
            "flags": answer["flags"],
        }
    )
