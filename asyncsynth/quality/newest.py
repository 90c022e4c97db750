"""All figures of the newest answers of a run: how alike they are, how they ended, and what they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from asyncsynth.quality.collapse import Collapse, collapse_of
from asyncsynth.quality.coverage import Coverage, coverage_of
from asyncsynth.quality.refusals import refuses

TRUNCATED = "length"


class Seen(NamedTuple):
    """Of an answer, what the figures are made of."""

    text: str
    finish_reason: str


class Newest(NamedTuple):
    """`refusals`: share of the answers that begin by refusing; `truncated`: of those cut off at max_tokens."""

    collapse: Collapse
    refusals: float
    truncated: float
    coverage: tuple[Coverage, ...]


def newest_of(
    answers: Sequence[Seen],
    combinations: Sequence[Mapping[str, Any]],
    sizes: Mapping[str, int],
    sketches: Sequence[Any] | None = None,
) -> Newest:
    """Of at least one answer, in 0.2 s for 500.

    `combinations`: of the samples that they belong to; `sizes`: of the axes; `sketches`: of the texts, where they are
    there already.
    """
    return Newest(
        collapse_of([answer.text for answer in answers], sketches),
        sum(refuses(answer.text) for answer in answers) / len(answers),
        sum(answer.finish_reason == TRUNCATED for answer in answers) / len(answers),
        coverage_of(combinations, sizes),
    )
