"""What is in an output directory, and the ledger of each run and over all runs; changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from asyncsynth.app.outside import Outside
from asyncsynth.store.funnel import Figures, in_order
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.totals import Run, Spent, Totals
from asyncsynth.values import Call


class Status(Struct, frozen=True):
    """`records` and `failures` count the lines of the views; `lost` calls were cut off by kills, oldest first."""

    directory: Path
    records: int
    failures: int
    totals: Totals
    runs: tuple[Run, ...]
    working: bool  # a run holds the directory
    under_way: tuple[Call, ...]
    lost: tuple[Call, ...]
    rejected: Mapping[str, int]  # samples given up, by the gate that rejected their answers
    funnel: Figures | None  # what became of the answers of each step; None: known once a run has looked at them anew
    by_step: Mapping[str, Spent]  # what the answers of each step cost; empty where there is but one


def status(directory: Path, *, outside: Outside | None = None) -> Status:
    """What is there now; a directory that does not exist is empty. Raises StoreDamaged, StoreWriteFailed."""
    there = read_store(directory, files=(outside or Outside()).files)
    records, failures = there.lines_of_views()
    return Status(
        directory,
        records,
        failures,
        there.totals,
        there.runs,
        there.running,
        there.under_way,
        there.lost,
        Counter(gate for _, gate in there.rejections()),
        in_order(there.views.funnel, there.last_facts) if there.views.recipe and not there.cleared else None,
        there.spent_by_step(),
    )
