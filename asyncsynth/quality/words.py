"""The words of a text, for comparing texts with each other."""

from __future__ import annotations

WORDS = 200  # of each text: texts of any length have the same weight, and the figures of two runs can be compared


def words_of(text: str) -> list[str]:
    """The first WORDS words, in lower case, with what stands beside them."""
    return text[: 40 * WORDS].encode("utf-8", "replace").decode().lower().split()[:WORDS]


def runs_of(words: list[str], length: int) -> list[str]:
    """All runs of so many words; of fewer words the one that there is."""
    return [" ".join(words[at : at + length]) for at in range(max(len(words) - length + 1, 1))] if words else []
