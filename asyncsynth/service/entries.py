"""The runs that were started here, by their names: what is known of each, on the disk as well."""

from __future__ import annotations

import asyncio

from asyncsynth.service.entry import Entry
from asyncsynth.service.state_folder import StateFolder


class Entries(dict[str, Entry]):
    """As they are now; `keep` changes them for good."""

    def __init__(self, folder: StateFolder) -> None:
        super().__init__()
        self._folder = folder
        self._locks: dict[str, asyncio.Lock] = {}

    def keep(self, run: str, **changes: object) -> Entry:
        """The entry with these changes, from now on."""
        changed = self[run] = self[run].model_copy(update=changes)
        self._folder.keep(changed)
        return changed

    def alone(self, run: str) -> asyncio.Lock:
        """One change of a run at a time: a process that is told to drain before it has begun would just die."""
        return self._locks.setdefault(run, asyncio.Lock())


def is_draining(entry: Entry) -> bool:
    """Whether its process, if there is one, was told to drain: told again, it would cut off calls that are paid."""
    return entry.again or not entry.wanted
