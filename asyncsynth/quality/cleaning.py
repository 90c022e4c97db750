"""What is cut out of a text before it is used, such as a label that the model put before its story."""

from __future__ import annotations

from collections.abc import Sequence

from asyncsynth.config.cutting import cutter


class Cleaning:
    """Compiled once; the expressions are cut out one after the other, each everywhere in what the ones before left."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self._cuts = tuple(map(cutter, expressions))

    def cleaned(self, text: str) -> str:
        for cut in self._cuts:
            text = cut(text)
        return text
