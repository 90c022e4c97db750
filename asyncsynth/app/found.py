"""Finds the output directories below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from asyncsynth.store.contents import MANIFEST

DEEPEST = 6  # folders below each other
MOST = 20_000  # folders that are looked into


def directories_below(root: Path) -> Iterator[Path]:
    """Those with a manifest, sorted by name; not in hidden folders, not through links, not within each other."""
    for looked_into, (folder, folders, names) in enumerate(os.walk(root), 1):
        here = Path(folder)
        if MANIFEST in names:
            folders.clear()
            yield here
        elif looked_into >= MOST or len(here.relative_to(root).parts) >= DEEPEST:
            folders.clear()
        else:
            folders[:] = sorted(name for name in folders if not name.startswith("."))
