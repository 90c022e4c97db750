"""What would be sent and kept for the first samples; sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from asyncsynth.engine.rows import row_of
from asyncsynth.recipe.recipe import Recipe

COMPLETION = "<the answer>"  # stands for what the model will write


@dataclass(frozen=True, slots=True)
class Preview:
    """One sample: its request, and the fields of its record; `problem` where one of them can't be rendered."""

    key: str
    system: str | None
    request: str
    fields: Mapping[str, Any]
    problem: str | None = None


def preview(recipe: Recipe, samples: int) -> Iterator[Preview]:
    """The first so many samples, in the order in which they will be made."""
    for sample in islice(recipe.samples(), samples):
        if sample.problem is not None:
            yield Preview(sample.key, None, "", {}, sample.problem)
            continue
        request, row = recipe.request(sample), row_of(recipe, sample, COMPLETION)
        yield Preview(sample.key, request.system, request.text, row.fields, row.problem)
