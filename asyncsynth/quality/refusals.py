"""Answers that refuse what was asked, by how they begin."""

from __future__ import annotations

LOOKED_AT = 200  # characters


def refuses(text: str) -> bool:
    """Whether a text begins by refusing."""
    beginning = " ".join(text[:LOOKED_AT].replace("\u2019", "'").casefold().split())
    return beginning.startswith(("i'm sorry, but i can't", "i can't help with"))
