"""The store of a config's output directory, for the commands that look at it or change it."""

from __future__ import annotations

import time
from pathlib import Path

from asyncsynth.config import Config
from asyncsynth.store.snapshot import Snapshot, read_store
from asyncsynth.store.store import Store, open_store


def opened(config: Config) -> Store:
    """The locked store; raises StoreLocked where a run works on it."""
    return open_store(Path(config.output.directory), now=time.time)


def looked_at(config: Config) -> Snapshot:
    """The store as it is, without a lock and without changing it."""
    return read_store(Path(config.output.directory))
