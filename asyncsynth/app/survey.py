"""What is in an output directory, for people to look at: figures, and samples to read; the directory is only read."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import starmap
from pathlib import Path
from typing import Any

from msgspec import Struct

from asyncsynth.app.asked import asked_for
from asyncsynth.app.goal import goal
from asyncsynth.app.marking import MARKS
from asyncsynth.app.outside import Outside
from asyncsynth.app.present import present_in, recipe_of_newest_run
from asyncsynth.app.workflows import AnyRecipe
from asyncsynth.costs import usd
from asyncsynth.errors import UsageError
from asyncsynth.outputs.survey.choosing import Line
from asyncsynth.outputs.survey.doubts import doubts_of, length_doubt
from asyncsynth.outputs.survey.gathering import Gathering
from asyncsynth.outputs.survey.samples import answer_in, sample_of_failure, sample_of_record
from asyncsynth.outputs.survey.values import (
    Alike,
    Chosen,
    Count,
    Counted,
    Found,
    Money,
    Pair,
    RunLine,
    StepLine,
    Survey,
)
from asyncsynth.outputs.survey.verdict import funnel_of, verdict_of
from asyncsynth.quality.pairs import near_pairs
from asyncsynth.store.contents import open_source
from asyncsynth.store.encoding import decode, timestamp
from asyncsynth.store.files import Files, OsFiles, doing
from asyncsynth.store.funnel import Figures, in_order
from asyncsynth.store.scan import read_lines
from asyncsynth.store.snapshot import Snapshot, read_store
from asyncsynth.store.totals import Spent, Totals
from asyncsynth.store.views import FAILURES, UNRENDERED
from asyncsynth.version import VERSION

SAMPLES = 2000
_PAIRS = 30


class Wanted(Struct, frozen=True):
    """`recipe` None: that of the newest run, and as many samples as that one wanted. `cap_usd` is the config's.

    `options`, and `marks` as the name of their file, go with the next command.
    """

    samples: int = SAMPLES
    recipe: AnyRecipe | None = None
    cap_usd: float | None = None
    options: str = ""
    marks: str = MARKS


EVERYTHING = Wanted()


def survey(directory: Path, wanted: Wanted = EVERYTHING, *, outside: Outside | None = None) -> Survey:
    """Reads everything once; memory does not grow with the set. Raises UsageError, StoreDamaged, StoreWriteFailed.

    A directory that does not exist is empty. It takes about 3 s for 100,000 records.
    """
    outside = outside or Outside()
    there = read_store(directory, files=outside.files)
    recipe = wanted.recipe
    notes: list[str] = []
    if recipe is None and there.answered:
        with contextlib.suppress(UsageError, LookupError):
            recipe = recipe_of_newest_run(there)
    gathering = Gathering(wanted.samples)
    figures: Figures = {}
    if there.answered:
        with present_in(there, wanted.recipe) as present:
            notes += present.notes
            for record in present.records():
                gathering.record(record)
            figures = in_order(present.funnel(), there.last_facts if recipe is None else recipe.facts())
    for failure in failures(directory, outside.files):
        gathering.failure(failure)
    made = _survey(there, wanted, recipe, gathering, notes, timestamp(outside.now()))
    return made._replace(steps=_steps(figures))


def failures(directory: Path, files: Files | None = None) -> Iterator[dict[str, Any]]:
    """The lines of failures.jsonl; one that is just being written is left out. Raises StoreWriteFailed."""
    files = files or OsFiles()
    path = directory / FAILURES
    with contextlib.ExitStack() as stack:
        source = open_source(stack, files, path)
        stack.enter_context(doing("read", path))
        for _, line in () if source is None else read_lines(files, source.fd):
            failure = decode(line)
            if failure is not None and isinstance(failure.get("combination"), dict) and "key" in failure:
                yield failure


def _survey(
    there: Snapshot, wanted: Wanted, recipe: AnyRecipe | None, gathering: Gathering, notes: list[str], made_at: str
) -> Survey:
    found = gathering.found()
    failed, doubtful, others = gathering.choosing.chosen()
    asked = iter(asked_for(recipe, [*failed, *doubtful, *others]))
    alike = _alike(gathering.choosing.answers())
    progress = _count(there, wanted.recipe, found)
    samples = [sample_of_failure(line, next(asked)) for line in failed]
    samples += [sample_of_record(line, _doubts(line, found), next(asked)) for line in (*doubtful, *others)]
    return Survey(
        f"asyncsynth {VERSION}",
        made_at,
        str(there.directory),
        verdict_of(progress, found, alike, wanted.options, wanted.marks),
        progress,
        _money(there.totals, wanted.cap_usd),
        funnel_of(progress, found),
        (),
        found,
        alike,
        tuple(
            RunLine(run.id, timestamp(run.at), run.ended, run.totals.calls, _usd(run.totals.paid)) for run in there.runs
        ),
        tuple(notes),
        Chosen(len(failed), len(doubtful), len(others)),
        tuple(samples),
    )


def _steps(figures: Figures) -> tuple[StepLine, ...]:
    """The gates of each step with what they took, the most first."""
    return tuple(
        StepLine(
            step, each.answers, each.taken, tuple(starmap(Counted, Counter(each.rejected).most_common())), each.given_up
        )
        for step, each in figures.items()
    )


def _count(there: Snapshot, recipe: AnyRecipe | None, found: Found) -> Count:
    newest = there.runs[-1].wanted if there.runs else None
    wanted = newest if recipe is None else goal(recipe, found.records)
    counts = {reason.reason: reason.times for reason in found.failures}
    return Count(
        found.records,
        sum(counts.values()),
        counts.get(UNRENDERED, 0),
        there.totals.answers,
        wanted,
        there.running,
    )


def _money(totals: Totals, cap_usd: float | None) -> Money:
    return Money(
        _usd(totals.paid),
        totals.paid.unknown,
        cap_usd,
        totals.calls,
        totals.prompt_tokens,
        totals.completion_tokens,
        totals.rejected.calls,
        _usd(totals.rejected),
        totals.dropped.calls,
        _usd(totals.dropped),
        totals.uncertain.calls,
        _usd(totals.uncertain),
    )


def _usd(spent: Spent) -> float | None:
    return None if spent.unknown else usd(spent.picodollars)


def _doubts(record: Line, found: Found) -> list[str]:
    answer = answer_in(record)
    told = list(doubts_of(record, answer))
    if found.lengths is not None and (odd := length_doubt(len(answer.split()), found.lengths.median)):
        told.append(odd)
    return told


def _alike(answers: Sequence[tuple[str, str]]) -> Alike | None:
    """Of the keys and the texts of answers; None where there are too few to compare."""
    if len(answers) < 2:
        return None
    keys, texts = [key for key, _ in answers], [text for _, text in answers]
    near = near_pairs(texts, _PAIRS)
    pairs = [
        Pair(round(similarity, 3), keys[left], keys[right], texts[left], texts[right])
        for left, right, similarity in near.pairs
    ]
    return Alike(len(texts), len(near.doubles) / len(texts), tuple(pairs))
