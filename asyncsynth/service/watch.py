"""Looks at the directories below the folder of configs: one look serves all who ask within a moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from asyncsynth.app.following import Following, Seen
from asyncsynth.app.found import directories_below
from asyncsynth.errors import StoreError
from asyncsynth.service.state_folder import StateFolder

LOOK_S = 0.2  # a look is no older, if it is asked for
FIND_S = 2.0  # nor a search for directories


class Glance(NamedTuple):
    """What was seen of a directory, or why it can't be read."""

    seen: Seen | None
    error: StoreError | None


class _Watched:
    def __init__(self, directory: Path) -> None:
        self.following = Following(directory, time.time)
        self.lock = asyncio.Lock()
        self.at = float("-inf")
        self.glance = Glance(None, None)


class Watch:
    """By the names of runs in addresses."""

    def __init__(self, folder: StateFolder) -> None:
        self._folder = folder
        self._watched: dict[str, _Watched] = {}
        self._named: dict[str, Path] = {}  # those that are looked at even before they are there
        self._found_at = float("-inf")
        self._finding = asyncio.Lock()

    async def directories(self) -> Mapping[str, Path]:
        """All output directories that there are, by the names of their runs."""
        async with self._finding:
            if time.monotonic() - self._found_at >= FIND_S:
                found = await asyncio.to_thread(lambda: list(directories_below(self._folder.root)))
                before, self._watched = self._watched, {}
                for run, directory in {**{self._folder.id_of(each): each for each in found}, **self._named}.items():
                    self._watched[run] = before.get(run) or _Watched(directory)
                self._found_at = time.monotonic()
        return {run: watched.following.directory for run, watched in self._watched.items()}

    def name(self, run: str, directory: Path) -> None:
        """Look at this directory from now on, also before it is there."""
        self._named[run] = directory
        self._watched.setdefault(run, _Watched(directory))

    async def glance(self, run: str, *, fresh: bool = False) -> Glance | None:
        """One look, at most LOOK_S old unless a fresh one is wanted; None where there is no such directory."""
        watched = self._watched.get(run)
        if watched is None:
            await self.directories()
            watched = self._watched.get(run)
        if watched is None:
            return None
        async with watched.lock:
            if fresh or time.monotonic() - watched.at >= LOOK_S:
                watched.glance = await asyncio.to_thread(_look, watched.following)
                watched.at = time.monotonic()
            return watched.glance


def _look(following: Following) -> Glance:
    try:
        return Glance(following(), None)
    except StoreError as error:
        return Glance(None, error)
