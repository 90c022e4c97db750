"""What records.jsonl and failures.jsonl must hold: what the recipe of the moment makes of the answers that count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import orjson

from tests.simulation.books import Books, Line, lines_of
from tests.simulation.disk import Disk
from tests.simulation.model import Model
from tests.simulation.world import promise

SAID_BY_GATES = ("keep", "unscored", "verdict", "duplicate", "schema", "until")


def check_views(disk: Disk, model: Model, books: Books) -> None:
    """Both views are what a fresh rendering would make, each sample once."""
    records, failures = lines_of(disk, "records.jsonl"), lines_of(disk, "failures.jsonl")
    wanted_records, wanted_failures = model.views(books)
    _check_same("records.jsonl", records, wanted_records)
    _check_same("failures.jsonl", *map(_comparable, (failures, wanted_failures)))
    noted = [line for line in lines_of(disk, "manifest.jsonl") if line["type"] == "views"][-1:]
    told = {
        step: {"answers": answers, "rejected": gates, "given_up": given_up}
        for line in noted
        for step, (answers, gates, given_up) in line.get("funnel", {}).items()
    }
    funnel = model.funnel(books)
    promise(told == funnel or not noted, "the funnel is what the gates make of the answers", (told, funnel))
    promise(len({tuple(record) for record in records}) <= 1, "3: all records have the same fields in the same order")


def _check_same(name: str, there: Iterable[Line], wanted: Iterable[Line]) -> None:
    found, expected = _counted(there), _counted(wanted)
    if found != expected:
        more, less = found - expected, expected - found
        promise(False, f"3: {name} is what the recipe makes of the answers", f"too many {more}, missing {less}")


def _counted(lines: Iterable[Line]) -> Counter[bytes]:
    return Counter(orjson.dumps(line, option=orjson.OPT_SORT_KEYS) for line in lines)


def _comparable(failures: Iterable[Line]) -> list[Line]:
    """Of what is said of an answer, the step alone: its words are the gates' own."""
    return [
        {**line, "message": line["message"].partition(":")[0]} if line["reason"] in SAID_BY_GATES else line
        for line in failures
    ]
