"""How alike the newest answers of a directory are."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.app.outside import Outside
from asyncsynth.quality.collapse import Collapse, collapse_of
from asyncsynth.quality.window import FEWEST, NEWEST
from asyncsynth.store.snapshot import read_store


def repetition(directory: Path, *, outside: Outside | None = None) -> Collapse | None:
    """The figures of the newest answers; None where there are too few. Raises StoreDamaged, StoreWriteFailed."""
    texts = read_store(directory, files=(outside or Outside()).files).newest_texts(NEWEST)
    return collapse_of(texts) if len(texts) >= FEWEST else None
