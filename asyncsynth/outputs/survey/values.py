"""What a survey finds, as frozen values; `plain` makes JSON of them, which is what the reader's page is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

SCHEMA = 1  # of the JSON; the page says so where it does not know a newer one


class AxisValue(NamedTuple):
    """A value as people read it, and how many records and failures have it."""

    value: str
    records: int
    failures: int


class AxisCoverage(NamedTuple):
    """`name` is "genre", or "product.title" where values are tables; `others`: records of values beyond those named."""

    name: str
    values: tuple[AxisValue, ...]
    others: int


class PairCoverage(NamedTuple):
    """Counts by the values of two axes, in the order of their AxisCoverage; a last line stands for the others."""

    rows: str
    columns: str
    records: tuple[tuple[int, ...], ...]
    failures: tuple[tuple[int, ...], ...]


class Stage(NamedTuple):
    """A stage of the funnel, or (kind "lost") what was lost between two stages."""

    name: str
    samples: int
    kind: str = "stage"


class Score(NamedTuple):
    """How often a judge gave each score for a line of its rubric."""

    step: str
    line: str
    counts: Mapping[str, int]
    mean: float


class Counted(NamedTuple):
    """Something by its name, and how often it is there."""

    name: str
    times: int


class StepLine(NamedTuple):
    """What became of the answers of a step: taken, or rejected by gate; and the samples that were given up on at it."""

    step: str
    answers: int
    taken: int
    rejected: tuple[Counted, ...]
    given_up: int


class Openings(NamedTuple):
    """The most common first words, of so many texts."""

    texts: int
    top: tuple[Counted, ...]


class Pair(NamedTuple):
    """Two answers that are nearly the same; similarity from 0 to 1."""

    similarity: float
    left: str  # the key
    right: str
    left_text: str
    right_text: str


class Alike(NamedTuple):
    """Of `texts` answers, compared with each other: the share that nearly repeats another one."""

    texts: int
    share: float
    pairs: tuple[Pair, ...]


class Bin(NamedTuple):
    """Texts of `start` to `end` words, both included."""

    start: int
    end: int
    texts: int


class Lengths(NamedTuple):
    """Of answers, in words; `truncated` counts those that were cut off at max_tokens."""

    bins: tuple[Bin, ...]
    shortest: int
    median: int
    longest: int
    truncated: int


class Cost(NamedTuple):
    """What the answers of one step by one model took; `cost_usd` None: some price is unknown."""

    step: str
    model: str
    answers: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    seconds: float


class Reason(NamedTuple):
    """Samples that were given up on for one reason, with one of their messages."""

    reason: str
    times: int
    message: str


class RunLine(NamedTuple):
    """One run: `ended` None: it was cut off, or is still at work. Times as in records."""

    id: int
    began: str
    ended: str | None
    calls: int
    cost_usd: float | None


class Money(NamedTuple):
    """The ledger over all runs; USD None: some price is unknown."""

    paid_usd: float | None
    unknown_calls: int
    cap_usd: float | None
    calls: int
    prompt_tokens: int
    completion_tokens: int
    rejected_calls: int
    rejected_usd: float | None
    dropped_calls: int
    dropped_usd: float | None
    uncertain_calls: int
    uncertain_usd: float | None  # at most


class Count(NamedTuple):
    """What is there; `wanted` None: no recipe says how many there should be."""

    records: int
    failures: int
    unrendered: int  # among the failures: the answer is there, only the record can't be made
    answers: int
    wanted: int | None
    working: bool


class Verdict(NamedTuple):
    """What to think of the set in a sentence, why, and the command to go on with; `state` names a colour."""

    state: str  # good, look, bad, empty, working
    text: str
    why: tuple[str, ...]
    next: str


class Chosen(NamedTuple):
    """How many samples of each kind can be read, in this order."""

    failures: int
    doubtful: int
    spread: int


class Found(NamedTuple):
    """What one pass over the records and the failures finds."""

    axes: tuple[AxisCoverage, ...]
    pairs: tuple[PairCoverage, ...]
    scores: tuple[Score, ...]
    openings: Openings
    lengths: Lengths | None
    costs: tuple[Cost, ...]
    failures: tuple[Reason, ...]
    flags: tuple[Counted, ...]
    doubtful: int
    records: int


class Survey(NamedTuple):
    """All that the page shows. `samples` are as outputs/survey/samples.py makes them."""

    made_by: str
    made_at: str
    directory: str
    verdict: Verdict
    progress: Count
    money: Money
    funnel: tuple[Stage, ...]
    steps: tuple[StepLine, ...]
    found: Found
    alike: Alike | None
    runs: tuple[RunLine, ...]
    notes: tuple[str, ...]
    chosen: Chosen
    samples: tuple[dict[str, Any], ...]


def plain(value: Any) -> Any:
    """The value in objects, lists, texts and numbers."""
    if isinstance(value, tuple):
        fields = getattr(value, "_fields", None)
        if fields is None:
            return [plain(each) for each in value]
        return {name: plain(each) for name, each in zip(fields, value, strict=True)}
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def survey_object(survey: Survey) -> dict[str, Any]:
    """The survey as the object that the page reads: what was found stands beside the rest."""
    told = plain(survey)
    return {"schema": SCHEMA, **told.pop("found"), **told}
