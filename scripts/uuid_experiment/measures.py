"""How alike the answers to each request are, and how sure that is: a bootstrap over the requests.

Requests are drawn, not answers: an answer that is drawn twice would count as a near-duplicate of itself. Every cell has
the same requests, so cells are compared request by request.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, stdev
from typing import NamedTuple

from asyncsynth.quality.collapse import Collapse, collapse_of
from uuid_experiment.answers import Answer

DRAWS = 10_000
LEVEL = 0.95
SEEN = 2.8  # standard errors: a difference that large is told from none in four of five tries (1.96 + 0.84)

FIGURES: Mapping[str, Callable[[Collapse], float]] = {
    "nearly repeat another": lambda found: 100 * found.near_duplicates,
    "same three first words": lambda found: 100 * found.opening.share,
    "distinct-2": lambda found: 100 * found.distinct_pairs,
    "compression": lambda found: found.compression,
}


class Measured(NamedTuple):
    """`by_figure` has a value for each request; `repeating_uuid` is a share of all answers."""

    answers: int
    tokens: float  # of an answer, on average
    repeating_uuid: float
    by_figure: Mapping[str, Sequence[float]]


class Interval(NamedTuple):
    """A mean, between what bounds it lies, and what difference would have been seen."""

    mean: float
    low: float
    high: float
    visible: float


def measured(by_request: Sequence[Sequence[Answer]]) -> Measured:
    """Of the answers to each request, at least two of them."""
    each = [collapse_of([answer.text for answer in answers]) for answers in by_request]
    answers = [answer for those in by_request for answer in those]
    return Measured(
        len(answers),
        fmean(answer.tokens for answer in answers),
        fmean(answer.repeats_uuid for answer in answers),
        {name: [figure(found) for found in each] for name, figure in FIGURES.items()},
    )


def interval(values: Sequence[float], seed: int = 2022) -> Interval:
    """Of their mean, by percentiles of the means of draws with replacement."""
    drawn = random.Random(seed)  # noqa: S311 - statistics
    means = sorted(fmean(drawn.choices(values, k=len(values))) for _ in range(DRAWS))
    outside = round(DRAWS * (1 - LEVEL) / 2)
    return Interval(fmean(values), means[outside], means[-1 - outside], SEEN * stdev(values) / len(values) ** 0.5)


def differences(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Request by request."""
    return [mine - other for mine, other in zip(ours, theirs, strict=True)]
