"""How many values each axis has, by what a manifest keeps of a recipe: files need not be read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.recipe.facts import Facts


def axis_sizes(facts: Facts | None) -> Mapping[str, int]:
    """By axis; empty where nothing is known."""
    return {} if facts is None else {name: _size(fact) for name, fact in facts["axes"].items()}


def _size(fact: Any) -> int:
    if not isinstance(fact, Mapping):
        return len(fact)
    if "count" in fact:
        return int(fact["count"])
    if "draw" in fact:
        return len(fact["draw"])
    return len({repr(value) for values in fact["values"].values() for value in values})
