"""Clears dead letters, so that the next run tries them again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from asyncsynth.app.outside import Outside
from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import open_store


def retry(directory: Path, reasons: Collection[str] | None = None, *, outside: Outside | None = None) -> int:
    """How many were cleared: all, or those of these reasons. Raises UsageError for a reason that none has."""
    outside = outside or Outside()
    there = read_store(directory, files=outside.files)
    rejected = list(there.rejections())
    known = {**there.totals.failures, **Counter(gate for _, gate in rejected)}
    for reason in reasons or ():
        if reason not in known:
            problem = Problem(reason, "no dead letter has this reason", nearest(reason, known))
            raise UsageError(str(problem), hint=f"reasons there are: {', '.join(sorted(known)) or 'none'}")
    if not known:
        return 0
    with open_store(directory, now=outside.now, files=outside.files, make=False) as store:
        return store.retry(
            set(reasons) if reasons else None, [key for key, gate in rejected if not reasons or gate in reasons]
        )
