"""Looks at an output directory again and again, from outside: how far its run is, whoever started it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from asyncsynth.app.progress import RATE_WINDOW_S
from asyncsynth.store.files import OsFiles
from asyncsynth.store.follower import Follower
from asyncsynth.store.funnel import NO_FIGURES, Figures
from asyncsynth.store.ledger import RunLedger
from asyncsynth.store.lock import LOCK, holder
from asyncsynth.store.snapshot import is_locked
from asyncsynth.store.totals import Totals


class Seen(Struct, frozen=True):
    """One look. `pid` None: no run holds the directory; 0: one does, and nobody knows which process it is.

    `run`, `began`, `ended` (None: cut off, or at work) and `wanted` (samples that there shall be in all; None: not
    known) are of the newest run, 0 where there was none yet; times in seconds since the epoch, rates over the last 20
    s, None at the first look. `version` differs where anything does. `funnel`: what became of the answers of each step,
    by the newest sync; empty where nothing looks at them, and from a drop or a changed recipe to the next run.
    """

    pid: int | None
    records: int
    failures: int
    dead: int
    totals: Totals  # over all runs
    run: int
    began: float
    ended: str | None
    wanted: int | None
    in_flight: int
    retries: int
    samples_per_s: float | None
    tokens_per_s: float | None
    version: str
    funnel: Figures = NO_FIGURES

    @property
    def working(self) -> bool:
        return self.pid is not None


NOTHING = Seen(None, 0, 0, 0, Totals(), 0, 0.0, None, None, 0, 0, None, None, "")


class Following:
    """Call it for what is there now; `now` gives seconds since the epoch. It holds nothing open in between."""

    def __init__(self, directory: Path, now: Callable[[], float]) -> None:
        self.directory = directory
        self._now, self._files = now, OsFiles()
        self._follower = Follower(directory)
        self._seen: deque[tuple[float, int, int]] = deque()

    def __call__(self) -> Seen:
        """Raises StoreDamaged, StoreError, StoreWriteFailed where the directory can't be read."""
        lock = self.directory / LOCK
        pid = (holder(self._files, lock) or 0) if is_locked(self._files, lock) else None
        follower = self._follower
        follower.look()
        newest = follower.ledger.runs[follower.ledger.newest]
        totals = follower.ledger.totals({})
        samples, tokens = self._rates(
            follower.records + follower.failures, totals.prompt_tokens + totals.completion_tokens
        )
        return Seen(
            pid,
            follower.records,
            follower.failures,
            len(follower.dead),
            totals,
            newest.id,
            newest.at,
            newest.ended,
            newest.wanted,
            _under_way(newest) if pid is not None else 0,
            sum(newest.faults.values()),
            samples,
            tokens,
            f"{follower.size}.{follower.records}.{follower.failures}.{'' if pid is None else pid}",
            follower.views.funnel,
        )

    def _rates(self, samples: int, tokens: int) -> tuple[float | None, float | None]:
        now, seen = self._now(), self._seen
        if seen and seen[-1][1] > samples:  # made anew, or dropped
            seen.clear()
        seen.append((now, samples, tokens))
        while len(seen) > 2 and seen[1][0] <= now - RATE_WINDOW_S:
            seen.popleft()
        then, samples_then, tokens_then = seen[0]
        seconds = now - then
        return ((samples - samples_then) / seconds, (tokens - tokens_then) / seconds) if seconds > 0 else (None, None)


def _under_way(run: RunLedger) -> int:
    return max(0, run.calls - run.answered.calls - sum(run.faults.values()) - run.lost.calls)
