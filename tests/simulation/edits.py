"""Somebody edits a view by hand, between two processes."""

from __future__ import annotations

import random

from tests.simulation.disk import Disk, Truncate, Write
from tests.simulation.mishaps import Edit
from tests.simulation.wish import DIRECTORY

FOREIGN = b'{"key":"mine","prompt":"x","completion":"y"}\n'


def edit(disk: Disk, what: Edit, rng: random.Random) -> bool:
    """Whether lines that were there are gone or changed."""
    path = DIRECTORY / "records.jsonl"
    file = disk.names.get(path)
    if file is None:
        return False
    lines = bytes(file.data).splitlines(keepends=True)
    if what == "lines of others":
        file.apply(Write(len(file.data), FOREIGN))
        return False
    if not lines:
        return False
    if what == "file":
        disk.remove(path)
        return True
    at = rng.randrange(len(lines)) if what == "line" else len(lines) - 1
    rest = b"".join(lines[:at] + lines[at + 1 :])
    file.apply(Truncate(0))
    file.apply(Write(0, rest))
    return True
