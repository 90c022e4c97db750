"""Surveys for the page, each kept for a while: one of a large set takes seconds."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, NamedTuple

from asyncsynth.app.survey import Wanted, survey
from asyncsynth.outputs.survey.values import survey_object

OLD_S = 30.0  # how old it may be while a run works
SHARE = 20  # and it is made again after so many times what it took: that is 5% of a core, however large the set


class _Made(NamedTuple):
    version: str
    at: float
    took_s: float
    told: dict[str, Any]


class Surveys:
    """By run and number of samples; never made twice at once for one run."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], _Made] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, run: str, directory: Path, version: str, samples: int) -> dict[str, Any]:
        """Raises StoreError where the directory can't be read."""
        async with self._locks.setdefault(run, asyncio.Lock()):
            made = self._made.get((run, samples))
            if made is None or (
                made.version != version and time.monotonic() - made.at > max(OLD_S, SHARE * made.took_s)
            ):
                began = time.monotonic()
                found = await asyncio.to_thread(lambda: survey_object(survey(directory, Wanted(samples=samples))))
                now = time.monotonic()
                made = self._made[run, samples] = _Made(version, now, now - began, found)
            return made.told
