"""What is shown of a run: what was seen in its directory, and what its process tells where it was started here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from asyncsynth.app.following import NOTHING, Seen
from asyncsynth.costs import usd
from asyncsynth.service.entry import Entry
from asyncsynth.service.process import progress_in
from asyncsynth.service.replies import Progress, Run, State
from asyncsynth.service.state_folder import StateFolder
from asyncsynth.service.watch import Glance
from asyncsynth.store.encoding import timestamp

_NOBODY_KNOWS = ("cap_usd", "requests_used", "tokens_used", "concurrency", "truncated", "near_duplicates", "opening")


def shown(run: str, directory: str, glance: Glance, entry: Entry | None, *, alive: bool) -> Run:
    """The run for the list; `alive`: a process that was started here is under way."""
    seen, ending = glance.seen, None if entry is None else entry.ending
    if seen is None:
        error = glance.error
        message, hint = (error.message, error.hint) if error is not None else ("it can't be read", "")
        return _run(run, directory, NOTHING, "unreadable", entry, message=message, hint=hint)
    words = (ending.message, ending.hint) if ending is not None and not seen.working else (None, None)
    state = _state(seen, alive=alive)
    return _run(run, directory, seen, state, entry, message=words[0], hint=words[1])


def with_progress(run: Run, seen: Seen | None, entry: Entry | None, folder: StateFolder) -> Run:
    """The same with how far it is, while it works."""
    if seen is None or not seen.working:
        return run
    told = progress_in(folder.log_of(run.id)) if entry is not None and seen.pid == entry.pid else {}
    return run.model_copy(update={"progress": _progress(seen, told)})


def _run(
    run: str,
    directory: str,
    seen: Seen,
    state: State,
    entry: Entry | None,
    *,
    message: str | None,
    hint: str | None,
) -> Run:
    return Run(
        id=run,
        directory=directory,
        state=state,
        working=seen.working,
        ours=entry is not None and (not seen.working or seen.pid == entry.pid),
        records=seen.records,
        failures=seen.failures,
        wanted=seen.wanted,
        calls=seen.totals.calls,
        cost_usd=_paid(seen),
        possible_usd=usd(seen.totals.uncertain.picodollars),
        began=timestamp(seen.began) if seen.run else None,
        ended=None if seen.working else seen.ended,
        message=message,
        hint=hint,
    )


def _state(seen: Seen, *, alive: bool) -> State:
    if seen.working:
        return "working"
    if alive:
        return "starting"
    if not seen.run:
        return "empty"
    return "ended" if seen.ended is not None else "cut off"


def _progress(seen: Seen, told: Mapping[str, Any]) -> Progress:
    """The counts are those of this moment, what only the process knows is as it wrote last."""
    missing = 0 if seen.wanted is None else seen.wanted - seen.records - seen.failures
    # The manifest tells of an answer a moment after it came.
    in_flight = min(seen.in_flight, told.get("concurrency") or seen.in_flight)
    left = missing / seen.samples_per_s if missing > 0 and seen.samples_per_s else None
    return Progress(
        done=seen.records,
        total=seen.wanted,
        elapsed_s=max(0.0, time.time() - seen.began) if seen.ended is None and seen.run else None,
        samples_per_s=seen.samples_per_s,
        tokens_per_s=seen.tokens_per_s,
        cost_usd=_paid(seen),
        left_s=left,
        in_flight=in_flight,
        retries=seen.retries,
        failed=seen.failures,
        waiting_for=str(told.get("waiting_for", "")),
        **{name: told.get(name) for name in _NOBODY_KNOWS},
    )


def _paid(seen: Seen) -> float | None:
    return usd(seen.totals.paid.picodollars) if seen.totals.cost_known else None
