"""Records as records.jsonl has them, of each kind of training example."""

from __future__ import annotations

from hashlib import md5
from typing import Any

AXES = {"genre": "horror", "place": "India"}


def record(number: int = 0, /, **fields: Any) -> dict[str, Any]:
    """A record with these fields of [record], or of another combination."""
    key = md5(str(number).encode(), usedforsecurity=False).hexdigest()
    combination = fields.pop("combination", AXES)
    return {"key": key, "combination": combination, "repeat": 0, **fields, "model": "m", "flags": [], "cost_usd": None}


def pair(prompt: str = "Genre: horror\n\nPlot: ", completion: str = "A house.", number: int = 0) -> dict[str, Any]:
    return record(number, prompt=prompt, completion=completion)


def dialogue(*turns: str, number: int = 0) -> dict[str, Any]:
    """Of turns like "user: Hello"; of one question and its answer where none is given."""
    parts = [turn.partition(": ") for turn in turns or ("user: A plot.", "assistant: A house.")]
    return record(number, messages=[{"role": role, "content": content} for role, _, content in parts])


def preference(
    prompt: str = "Plot: ", chosen: str = "A house.", rejected: str = "No.", number: int = 0
) -> dict[str, Any]:
    return record(number, prompt=prompt, chosen=chosen, rejected=rejected)
