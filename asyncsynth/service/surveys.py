"""Surveys for the page, each kept for a while: one of a large set takes seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from asyncsynth.app.survey import Wanted, survey
from asyncsynth.outputs.survey.values import survey_object

OLD_S = 30.0  # how old it may be while a run works
SHARE = 20  # and it is made again after so many times what it took: that is 5% of a core, however large the set


class _Made(NamedTuple):
    version: str
    wanted: Wanted
    at: float
    took_s: float
    told: dict[str, Any]

    def serves(self, version: str, wanted: Wanted) -> bool:
        """Whether it is good enough for who asks now."""
        young = time.monotonic() - self.at <= max(OLD_S, SHARE * self.took_s)
        return self.wanted == wanted and (young or self.version == version)


class Surveys:
    """The newest one of each run, and one at a time; `heavily` does what takes long."""

    def __init__(self, heavily: Callable[[Callable[[], _Made]], Awaitable[_Made]]) -> None:
        self._heavily = heavily
        self._made: dict[str, _Made] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, run: str, directory: Path, version: str, wanted: Wanted) -> dict[str, Any]:
        """Raises StoreError where the directory can't be read."""
        async with self._locks.setdefault(run, asyncio.Lock()):
            made = self._made.get(run)
            if made is None or not made.serves(version, wanted):
                made = self._made[run] = await self._heavily(lambda: _make(directory, version, wanted))
            return made.told


def _make(directory: Path, version: str, wanted: Wanted) -> _Made:
    began = time.monotonic()
    told = survey_object(survey(directory, wanted))
    now = time.monotonic()
    return _Made(version, wanted, now, now - began, told)
