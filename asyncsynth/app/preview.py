"""What would be sent and kept for the first samples; sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from asyncsynth.engine.missing import asked
from asyncsynth.engine.rows import row_of
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import Sample

COMPLETION = "<the answer>"  # stands for what the model will write


class Preview(NamedTuple):
    """One sample: its request, and the fields of its record; `problem` where one of them can't be rendered."""

    key: str
    system: str | None
    request: str
    fields: Mapping[str, Any]
    problem: str | None = None

    def __str__(self) -> str:
        parts = [f"=== {self.key} ==="]
        if self.problem is not None:
            parts.append(f"--- can't be rendered\n{self.problem}")
        if self.system is not None:
            parts.append(f"--- system\n{self.system}")
        if self.request:
            parts.append(f"--- request\n{self.request}")
        return "\n".join([*parts, *sections_of(self.fields)])


def sections_of(fields: Mapping[str, Any], *, completion: str = "completion") -> Iterator[str]:
    """The fields of a record, each under its name, for people to read."""
    names = {"prompt": "training prompt", "completion": completion}
    for name, value in fields.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
        yield f"--- {names.get(name, name)}\n{text}"


def preview(recipe: Recipe, samples: int) -> Iterator[Preview]:
    """The first so many samples, in the order in which they will be made."""
    for sample in islice(recipe.samples(), samples):
        request = asked(recipe, sample)
        if isinstance(request, Sample):
            yield Preview(sample.key, None, "", {}, request.problem)
            continue
        row = row_of(recipe, sample, COMPLETION)
        yield Preview(sample.key, request.system, request.text, row.fields, row.problem)
