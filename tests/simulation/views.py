"""What records.jsonl and failures.jsonl must hold: what the recipe of the moment makes of the answers that count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from asyncsynth.errors import UsageError
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import Sample
from tests.simulation.books import Books, Line, lines_of
from tests.simulation.disk import Disk
from tests.simulation.world import promise

FACTS = (
    "model", "finish_reason", "usage", "cost_usd", "attempts", "latency_s", "created", "generation", "run", "flags",
)  # fmt: skip


def check_views(disk: Disk, recipe: Recipe, books: Books) -> None:
    """Both views are what a fresh rendering would make, each sample once."""
    records, failures = lines_of(disk, "records.jsonl"), lines_of(disk, "failures.jsonl")
    wanted_records, wanted_failures = _rendered(recipe, books)
    _check_same("records.jsonl", records, wanted_records)
    _check_same("failures.jsonl", failures, wanted_failures)
    promise(len({tuple(record) for record in records}) <= 1, "3: all records have the same fields in the same order")


def _rendered(recipe: Recipe, books: Books) -> tuple[list[Line], list[Line]]:
    records, failures = [], []
    for sample in recipe.samples():
        identity = {
            "key": sample.key,
            "combination": dict(recipe.columns(sample.combination)),
            "repeat": sample.repeat,
        }
        answer, letter = books.answers.get(sample.key), books.dead.get(sample.key)
        if answer is not None:
            fields, problem = _fields(recipe, sample, answer["text"])
            if problem is None:
                records.append({**identity, **fields, **{name: answer[name] for name in FACTS}})
            else:
                why = {"reason": "record_template", "message": problem, "status": None}
                failures.append({**identity, **why, "attempts": answer["attempts"], "created": answer["created"]})
        elif letter is not None:
            told = {name: letter[name] for name in ("reason", "message", "attempts", "status", "created")}
            failures.append({**identity, **told})
    return records, failures


def _fields(recipe: Recipe, sample: Sample, text: str) -> tuple[Mapping[str, Any], str | None]:
    try:
        return recipe.fields(sample, text), None
    except UsageError as error:
        return {}, error.message


def _check_same(name: str, there: Iterable[Line], wanted: Iterable[Line]) -> None:
    found, expected = _counted(there), _counted(wanted)
    if found != expected:
        more, less = found - expected, expected - found
        promise(False, f"3: {name} is what the recipe makes of the answers", f"too many {more}, missing {less}")


def _counted(lines: Iterable[Line]) -> Counter[bytes]:
    return Counter(orjson.dumps(line, option=orjson.OPT_SORT_KEYS) for line in lines)
